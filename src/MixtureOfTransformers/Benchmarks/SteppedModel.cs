using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Benchmarks.Naive;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>A model on the CPU with its optimizer, whose training steps are timed part by part; a step does what <see cref="TrainingSession"/> does.</summary>
internal sealed class SteppedModel : IDisposable
{
    private const double LearningRate = 1e-4, MaxGradNorm = 1;
    private const long WeightGradientAndMoments = 4;

    private readonly nn.Module _module;
    private readonly Func<Batch, Tensor> _lossSum;
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly TimeProvider _time;
    private readonly TrainingCase _trained;

    /// <param name="trained">What to build; weights are the same in every process.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="computeType">Dtype of activations.</param>
    /// <param name="length">Tokens of a row.</param>
    /// <param name="time">The clock.</param>
    public SteppedModel(TrainingCase trained, MotConfig shape, ScalarType computeType, int length, TimeProvider time)
    {
        _trained = trained;
        using var generator = new Generator(1);
        var model = new MotModel(trained.ConfigOf(shape), CPU, generator, computeType);
        if (trained.IsNaive)
        {
            using (model)
                (_module, _lossSum) = Naive(model, length);
        }
        else
        {
            var objective = new NextTokenLoss();
            (_module, _lossSum) = (model, batch => objective.Compute(model, batch).Total);
        }
        _time = time;
        _parameters = new(_module);
        _optimizer = new(_parameters, new AdamWOptions());
    }

    /// <summary>What lives as long as this object: weights, gradients and moments.</summary>
    public long StaticBytes => WeightGradientAndMoments * _parameters.Values.numel() * _parameters.Values.element_size();

    /// <summary>Trains on one batch.</summary>
    public StepSeconds Step(Batch batch)
    {
        using var scope = NewDisposeScope();
        using var kernels = _trained.Kernels();
        var start = _time.GetTimestamp();
        var loss = _lossSum(batch) / batch.TargetCount;
        var forward = _time.GetTimestamp();
        loss.backward();
        var backward = _time.GetTimestamp();
        Update();
        return new(Seconds(start, forward), Seconds(forward, backward), _time.GetElapsedTime(backward).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _parameters.Dispose();
        _module.Dispose();
    }

    private static (nn.Module Module, Func<Batch, Tensor> LossSum) Naive(MotModel model, int length)
    {
        var naive = new NaiveMotModel(model, length);
        return (naive, naive.LossSum);
    }

    private void Update()
    {
        using var norm = _parameters.GradientNorm();
        _optimizer.Step(LearningRate, FlatParameters.ClipScale(norm.ToDouble(), MaxGradNorm));
    }

    private double Seconds(long from, long to) => _time.GetElapsedTime(from, to).TotalSeconds;
}
