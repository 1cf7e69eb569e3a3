using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Benchmarks.Naive;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>A model with its optimizer, whose training steps are timed part by part; a step does what <see cref="TrainingSession"/> does.</summary>
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
    private readonly Device _device;

    /// <param name="trained">What to build; weights are the same in every process.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="computeType">Dtype of activations.</param>
    /// <param name="length">Tokens of a row.</param>
    /// <param name="device">Where it lives.</param>
    /// <param name="time">The clock.</param>
    public SteppedModel(TrainingCase trained, MotConfig shape, ScalarType computeType, int length, Device device, TimeProvider time)
    {
        (_trained, _device) = (trained, device);
        using var generator = new Generator(1);
        var model = new MotModel(trained.ConfigOf(shape), device, generator, computeType);
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

    /// <summary>Trains on one batch; on a GPU twice, once for the whole and once for the parts, as waiting for the device after each part takes time of its own.</summary>
    public StepSeconds Step(Batch batch)
    {
        var whole = Step(batch, waits: false);
        return _device.type == DeviceType.CPU ? whole : Step(batch, waits: true) with { Total = whole.Total };
    }

    private StepSeconds Step(Batch batch, bool waits)
    {
        using var scope = NewDisposeScope();
        using var kernels = _trained.Kernels();
        var start = _time.GetTimestamp();
        var loss = _lossSum(batch) / batch.TargetCount;
        if (waits)
            DeviceRates.Wait(_device);
        var forward = _time.GetTimestamp();
        loss.backward();
        if (waits)
            DeviceRates.Wait(_device);
        var backward = _time.GetTimestamp();
        Update();
        DeviceRates.Wait(_device);
        var end = _time.GetTimestamp();
        return new(Seconds(start, forward), Seconds(forward, backward), Seconds(backward, end), Seconds(start, end));
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
