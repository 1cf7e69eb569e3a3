using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

/// <summary>Loss curves whose answers are known.</summary>
internal static class TestCurves
{
    public static LossCurve From(Func<long, double> loss, string architecture = "dense", long steps = 1000, long every = 50, long first = 0, double secondsPerStep = 1,
        ModalityId? modality = null, CurveSplit split = CurveSplit.Validation) => new()
        {
            Architecture = architecture,
            Modality = modality ?? ModalityId.Image,
            Split = split,
            Points = [.. Steps(first, steps, every).Select(t => new LossPoint(t, 2e9 * t, secondsPerStep * t, loss(t)))],
        };

    /// <summary>A power law that a run with <paramref name="factor"/> 0.5 goes down twice as fast.</summary>
    public static Func<long, double> PowerLaw(double factor, double floor = 2, double height = 6, double exponent = 0.4) =>
        t => floor + height * Math.Pow(1 + t / factor / 20, -exponent);

    /// <summary>The same with Gaussian noise of its own seed.</summary>
    public static Func<long, double> Noisy(Func<long, double> law, double deviation, int seed)
    {
        var random = new Random(seed);
        return t => law(t) + deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
    }

    public static LossCurve MapLoss(this LossCurve curve, Func<double, double> map) => curve with { Points = [.. curve.Points.Select(p => p with { Loss = map(p.Loss) })] };

    private static IEnumerable<long> Steps(long first, long last, long every)
    {
        for (var t = first; t <= last; t += every)
            yield return t;
    }
}
