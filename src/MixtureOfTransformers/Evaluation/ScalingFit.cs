using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A power law L = a·N^(-b) + c through the losses of runs of several sizes N: parameters, tokens, FLOPs or tokens per batch.</summary>
/// <remarks>Relative errors are weighed almost by their absolute value (Huber with a small threshold, as in arXiv:2203.15556), so that one run that went astray hardly moves the
/// fit. For each exponent, a and c follow from reweighted linear least squares; the exponent is found by a search that always ends.</remarks>
public sealed record ScalingFit
{
    /// <summary>Sizes needed before the floor c is fitted; with fewer it is 0.</summary>
    public const int SizesForFloor = 4;

    private const double Threshold = 1e-3; // relative errors below it count by their square
    private const double MaxExponent = 4;

    /// <summary>a, in nats per token at N = 1; 0 where the losses do not fall with size.</summary>
    public required double Scale { get; init; }

    /// <summary>b: how fast the loss falls; doubling N takes the loss above the floor times 2^(-b).</summary>
    public required double Exponent { get; init; }

    /// <summary>c, in nats per token: what no size would get below; 0 where there were too few sizes to tell.</summary>
    public required double Floor { get; init; }

    /// <summary>Root mean square of the relative errors of the fit.</summary>
    public required double RelativeError { get; init; }

    /// <summary>Runs fitted.</summary>
    public required int Count { get; init; }

    /// <summary>The loss of the law at a size, in nats per token.</summary>
    public double LossAt(double size) => (Scale * Math.Pow(size, -Exponent)) + Floor;

    /// <summary>Fits.</summary>
    /// <param name="points">Size and loss of each run; both positive.</param>
    /// <param name="floor">Whether to fit c. Default: with <see cref="SizesForFloor"/> different sizes or more.</param>
    /// <exception cref="MotException">There are fewer than two different sizes, or three with a floor; or a number is not positive and finite.</exception>
    public static ScalingFit Of(IReadOnlyList<(double Size, double Loss)> points, bool? floor = null)
    {
        if (points.FirstOrDefault(p => !(double.IsFinite(p.Size) && p.Size > 0 && double.IsFinite(p.Loss) && p.Loss > 0)) is { } bad && points.Contains(bad))
            throw new MotException($"a power law needs positive sizes and losses, not size {bad.Size} with loss {bad.Loss}");
        var sizes = points.Select(p => p.Size).Distinct().Count();
        var withFloor = floor ?? sizes >= SizesForFloor;
        if (sizes < (withFloor ? 3 : 2))
            throw new MotException($"a power law {(withFloor ? "with a floor " : "")}needs at least {(withFloor ? 3 : 2)} different sizes, not {sizes}; train more sizes");

        var unit = Math.Exp(points.Average(p => Math.Log(p.Size))); // sizes about 1 keep the powers within range
        var data = points.Select(p => (Size: p.Size / unit, p.Loss)).ToArray();
        var best = Minimize(b => Linear(data, b, withFloor).Cost, 1e-3, MaxExponent);
        var (a, c, _) = Linear(data, best, withFloor);
        return new()
        {
            Scale = a * Math.Pow(unit, best),
            Exponent = best,
            Floor = c,
            RelativeError = Math.Sqrt(data.Average(p => Math.Pow(((a * Math.Pow(p.Size, -best)) + c) / p.Loss - 1, 2))),
            Count = data.Length,
        };
    }

    /// <summary>The best a and c, neither negative, for one exponent.</summary>
    private static (double A, double C, double Cost) Linear((double Size, double Loss)[] data, double exponent, bool withFloor)
    {
        var x = data.Select(p => Math.Pow(p.Size, -exponent)).ToArray();
        var weights = data.Select(p => 1 / (p.Loss * p.Loss)).ToArray();
        double a = 0, c = 0;
        for (var round = 0; round < 40; round++)
        {
            (a, c) = Solve(x, data, weights, withFloor);
            for (var i = 0; i < x.Length; i++)
                weights[i] = 1 / (data[i].Loss * data[i].Loss * Math.Max(Threshold, Math.Abs(Error(i))));
        }
        return (a, c, Enumerable.Range(0, x.Length).Sum(i => Math.Abs(Error(i)) is var e && e < Threshold ? e * e / 2 : Threshold * (e - (Threshold / 2))));

        double Error(int i) => ((a * x[i]) + c) / data[i].Loss - 1;
    }

    private static (double A, double C) Solve(double[] x, (double Size, double Loss)[] data, double[] weights, bool withFloor)
    {
        double w = 0, wx = 0, wxx = 0, wy = 0, wxy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var (weight, y) = (weights[i], data[i].Loss);
            (w, wx, wxx) = (w + weight, wx + (weight * x[i]), wxx + (weight * x[i] * x[i]));
            (wy, wxy) = (wy + (weight * y), wxy + (weight * x[i] * y));
        }
        var determinant = (w * wxx) - (wx * wx);
        var (a, c) = withFloor && determinant > 1e-12 * w * wxx ? (((w * wxy) - (wx * wy)) / determinant, ((wxx * wy) - (wx * wxy)) / determinant) : (wxy / wxx, 0);
        return a < 0 ? (0, wy / w) : c < 0 ? (wxy / wxx, 0) : (a, c);
    }

    /// <summary>The lowest point of a grid, then golden sections about it.</summary>
    private static double Minimize(Func<double, double> cost, double low, double high)
    {
        const int cells = 200;
        var grid = Enumerable.Range(0, cells + 1).Select(i => low * Math.Pow(high / low, (double)i / cells)).ToArray();
        var at = Array.IndexOf(grid, grid.MinBy(cost));
        var (left, right) = (grid[Math.Max(0, at - 1)], grid[Math.Min(cells, at + 1)]);
        var ratio = (Math.Sqrt(5) - 1) / 2;
        for (var round = 0; round < 50; round++)
        {
            var (first, second) = (right - (ratio * (right - left)), left + (ratio * (right - left)));
            (left, right) = cost(first) <= cost(second) ? (left, second) : (first, right);
        }
        return (left + right) / 2;
    }
}
