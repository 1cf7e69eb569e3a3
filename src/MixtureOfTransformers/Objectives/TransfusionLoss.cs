// Legend: N tokens of a batch, L targets of text, D model width, P patches, I images, X numbers of a patch, M modalities. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Objectives;

/// <summary>Text by next token, images by denoising (Transfusion, SPEC §5): mean cross-entropy of text + λ · mean squared error of the numbers of all patches. Each image is noised to a
/// level of its own; later tokens see it noised, and its patches see each other.</summary>
/// <param name="config">A model with diffusion.</param>
/// <param name="zLossWeight">Weight of the z-loss on text.</param>
public sealed class TransfusionLoss(MotConfig config, double zLossWeight = 0) : IObjective
{
    private readonly Diffusion _diffusion = config.Diffusion ?? throw new ArgumentException("the model has no diffusion", nameof(config));
    private readonly INoiseProcess _noise = Objective.NoiseOf(config.Diffusion!);
    private readonly NextTokenLoss _text = new(zLossWeight);
    private readonly int _image = config.Modalities.IndexOf(ModalityId.Image);

    /// <summary>Tokens to predict; for images, patches.</summary>
    public long[] Count(MotModel model, Batch batch)
    {
        var counts = _text.Count(model, batch);
        counts[_image] += batch.Images?.PatchCount ?? 0;
        return counts;
    }

    /// <inheritdoc/>
    public double Mean(IReadOnlyList<double> sums, IReadOnlyList<long> counts) =>
        Share(sums.Sum() - sums[_image], TextCount(counts)) + (_diffusion.LossWeight * Share(sums[_image], counts[_image]));

    /// <inheritdoc/>
    public LossSums Compute(MotModel model, Batch batch, IReadOnlyList<long> counts, long seed)
    {
        using var scope = NewDisposeScope();
        var noised = batch.Images is { PatchCount: > 0 } images ? NoisedImages.Of(images, _noise, _diffusion.ImageFirstLimit, seed, model.Device) : null;
        using var pass = new BatchPass(model, batch, images: noised?.Input);
        var xm_ND = pass.HiddenStates();
        var (total, sums_M) = TextLoss(model, batch, pass.Routing, xm_ND);
        total = total / Math.Max(1, TextCount(counts));
        if (noised is not null)
        {
            var error = noised.SquaredError(model.PredictPatches(xm_ND, pass.Images!, pass.Routing)) / _diffusion.PatchDim;
            total = total + (error * (_diffusion.LossWeight / counts[_image]));
            sums_M[_image].add_(error.detach().to(sums_M.dtype));
        }
        return new(total.MoveToOuterDisposeScope(), sums_M.MoveToOuterDisposeScope(), Count(model, batch));
    }

    /// <summary>The head sees only states that predict a token.</summary>
    private (Tensor Total, Tensor PerModality) TextLoss(MotModel model, Batch batch, ModalityRouting routing, Tensor xm_ND)
    {
        int[] tokens = [.. Enumerable.Range(0, batch.Targets.Length).Where(token => batch.Targets[token] != Batch.IgnoredTarget)];
        var x_LD = xm_ND.index_select(0, model.RowsOf(tokens, routing));
        return _text.OfStates(model, x_LD, Upload.To(tensor([.. tokens.Select(token => batch.Targets[token])]), model.Device), Upload.To(tensor([.. tokens.Select(token => (long)batch.TargetModalities[token])]), model.Device));
    }

    private long TextCount(IReadOnlyList<long> counts) => counts.Sum() - counts[_image];

    private static double Share(double sum, long count) => count > 0 ? sum / count : 0;
}
