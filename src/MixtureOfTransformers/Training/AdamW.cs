using System.Collections.Immutable;
using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>Adam with decoupled weight decay over flat buffers: one pass over memory in fp32, by a kernel of this library on the CPU and by libtorch's on a GPU, and a few in-place
/// operations elsewhere, whatever the number of parameters. No wait for the device.</summary>
/// <remarks>A tower without tokens in a step has exactly zero gradient. It is not skipped: its weights and moments decay like all others, and its weights move on by
/// what is left in the first moment. Every replica thereby does the same work in every step, whatever its tokens (SPEC §1.8), and the result is PyTorch's.</remarks>
public sealed class AdamW : IDisposable
{
    private readonly FlatParameters _parameters;
    private readonly AdamWOptions _options;
    private readonly ImmutableArray<ParameterRun> _runs;
    private readonly long _decayedLength;

    /// <summary>An optimizer with zero moments.</summary>
    /// <param name="parameters">What to optimise; stays the caller's.</param>
    /// <param name="options">Constants.</param>
    /// <param name="runs">The buffer cut where learning rates change, without gaps; empty where all share one.</param>
    public AdamW(FlatParameters parameters, AdamWOptions options, ImmutableArray<ParameterRun> runs = default)
    {
        (_parameters, _options) = (parameters, options);
        _runs = runs.IsDefaultOrEmpty ? [new(0, parameters.Values.shape[0], 1)] : runs;
        using var scope = NewDisposeScope();
        FirstMoments = zeros_like(parameters.Values).DetachFromDisposeScope();
        SecondMoments = zeros_like(parameters.Values).DetachFromDisposeScope();
        _decayedLength = options.DecayAll ? parameters.Values.shape[0] : parameters.MatrixLength;
    }

    /// <summary>Updates so far; it sets the bias correction.</summary>
    public long StepCount { get; set; }

    /// <summary>Running means of the gradients, in the layout of <see cref="FlatParameters"/>; owned by this object.</summary>
    public Tensor FirstMoments { get; }

    /// <summary>Running means of the squared gradients, in the same layout; owned by this object.</summary>
    public Tensor SecondMoments { get; }

    /// <summary>Updates the weights from the gradients and leaves the gradients zero.</summary>
    /// <param name="learningRate">Of this update.</param>
    /// <param name="gradientScale">Factor of the gradients; see <see cref="FlatParameters.ClipScale"/>.</param>
    public void Step(double learningRate, double gradientScale = 1)
    {
        BackwardFailure.ThrowIfAny();
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        StepCount++;
        var correction1 = 1 - Math.Pow(_options.Beta1, StepCount);
        var correction2 = 1 - Math.Pow(_options.Beta2, StepCount);
        var device = FusedKernels.Has(FusedKernel.AdamW) && _parameters.Values.dtype == ScalarType.Float32 ? _parameters.Values.device_type : DeviceType.META;
        foreach (var run in _runs)
        {
            var rate = learningRate * run.RateFactor;
            if (run.RateFactor == 0)
                _parameters.Gradients.narrow(0, run.Start, run.Length).zero_();
            else if (device == DeviceType.CPU)
                StepFused(run, new((float)gradientScale, (float)(1 - (rate * _options.WeightDecay)), (float)_options.Beta1, (float)_options.Beta2, (float)(rate / correction1), (float)Math.Sqrt(correction2), (float)_options.Epsilon));
            else if (device == DeviceType.CUDA)
                StepFusedOnGpu(run, rate, gradientScale);
            else
                StepComposed(run, rate, gradientScale, correction1, correction2);
        }
    }

    /// <summary>Sets the gradients of parameters that do not change to zero, so that the norm is that of the others.</summary>
    internal void DropFrozenGradients()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var run in _runs.Where(r => r.RateFactor == 0))
            _parameters.Gradients.narrow(0, run.Start, run.Length).zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
    }

    private unsafe void StepFused(ParameterRun run, AdamWKernel.Constants constants)
    {
        const long Most = 1L << 28; // numbers; TensorMemory reaches 2 GiB
        using var scope = NewDisposeScope();
        for (var start = run.Start; start < run.Start + run.Length; start += Most)
        {
            var count = Math.Min(Most, run.Start + run.Length - start);
            AdamWKernel.Step(constants, count, _decayedLength - start, Pointer(_parameters.Values), Pointer(_parameters.Gradients), Pointer(FirstMoments), Pointer(SecondMoments));
            float* Pointer(Tensor buffer) => TensorMemory.Pointer<float>(buffer.narrow(0, start, count));
        }
    }

    private void StepFusedOnGpu(ParameterRun run, double learningRate, double gradientScale)
    {
        var step = full([], (float)StepCount, dtype: ScalarType.Float32, device: _parameters.Values.device);
        var divisor = full([], (float)(1 / gradientScale), dtype: ScalarType.Float32, device: _parameters.Values.device);
        var decayed = Math.Clamp(_decayedLength - run.Start, 0, run.Length);
        Update(run.Start, decayed, _options.WeightDecay);
        Update(run.Start + decayed, run.Length - decayed, 0);
        _parameters.Gradients.narrow(0, run.Start, run.Length).zero_();

        void Update(long start, long count, double decay)
        {
            Tensor Part(Tensor buffer) => buffer.narrow(0, start, count);
            if (count > 0)
                TorchOperations.AdamW(Part(_parameters.Values), Part(_parameters.Gradients), Part(FirstMoments), Part(SecondMoments), step, divisor, learningRate, _options.Beta1, _options.Beta2, decay, _options.Epsilon);
        }
    }

    private void StepComposed(ParameterRun run, double learningRate, double gradientScale, double correction1, double correction2)
    {
        Tensor Part(Tensor buffer) => buffer.narrow(0, run.Start, run.Length);
        var gradients = gradientScale == 1 ? Part(_parameters.Gradients) : Part(_parameters.Gradients).mul_(gradientScale);
        if (Math.Clamp(_decayedLength - run.Start, 0, run.Length) is > 0 and var decayed)
            _parameters.Values.narrow(0, run.Start, decayed).mul_(1 - (learningRate * _options.WeightDecay));
        var (first, second) = (Part(FirstMoments), Part(SecondMoments));
        first.mul_(_options.Beta1).add_(gradients, 1 - _options.Beta1);
        second.mul_(_options.Beta2).addcmul_(gradients, gradients, 1 - _options.Beta2);
        var denominator = gradients.copy_(second).sqrt_().div_(Math.Sqrt(correction2)).add_(_options.Epsilon);
        Part(_parameters.Values).addcdiv_(first, denominator, -learningRate / correction1);
        gradients.zero_();
    }
}
