// Legend: R prompts, S streams (those of the prompts, then the unconditional ones), n patches of an image, X numbers of a patch, P = S·n.
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>Draws an image after each prompt by denoising (SPEC §5). The prompts' keys and values are computed once and stay in the cache for all steps; the patches, which see each other and the
/// prompt, are computed anew in each.</summary>
/// <param name="model">A model with diffusion.</param>
/// <param name="vocabulary">Of its tokenizers.</param>
/// <param name="clip">Largest absolute number of an image; null for no limit.</param>
internal sealed class ImageDenoiser(MotModel model, Vocabulary vocabulary, double? clip)
{
    private readonly Diffusion _diffusion = model.Config.Diffusion!;
    private readonly VocabularyRange _range = vocabulary.VectorRange!;
    private readonly INoiseProcess _noise = Objective.NoiseOf(model.Config.Diffusion!);

    /// <summary>Draws.</summary>
    /// <param name="prompts">Each ends with BOI.</param>
    /// <param name="seeds">Of each prompt's noise: an image does not depend on the others.</param>
    /// <param name="sampling">Steps, method, guidance.</param>
    /// <param name="observe">Shown the image that the model has in mind after each step, by prompt: step and numbers. Null for nobody.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <returns>The patches of each image, [n, X] one after the other.</returns>
    /// <exception cref="MotException">A prompt leaves no room for an image, or the options do not fit the model.</exception>
    public float[][] Draw(IReadOnlyList<PromptStream> prompts, IReadOnlyList<long> seeds, SamplingOptions sampling, Action<int, float[][]>? observe = null, CancellationToken cancellation = default)
    {
        var options = sampling.Denoising.Validate();
        var method = options.MethodFor(_diffusion.Noise);
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var isGuided = sampling.ImageGuidance != 1;
        var patch = _range.IdOfSize(options.SizeIndex);
        PromptStream[] streams = [.. prompts, .. isGuided ? prompts.Select(p => new PromptStream([vocabulary.BeginOfSequence, _range.BeginId], [])) : []];
        using var pass = new DenoisingPass(model, vocabulary, streams, patch);
        var generators = seeds.Select(seed => new Generator((ulong)seed)).ToArray();
        var step = new DenoisingStep(_noise, clip);
        var levels = _noise.Levels(options.Steps);
        var x_RnX = Fresh();
        for (var i = 0; i < options.Steps; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var (clean, noisePart) = step.Split(x_RnX, Predict(x_RnX, levels[i]), levels[i]);
            observe?.Invoke(i, Host(clean));
            x_RnX = Next(i, clean, noisePart).MoveToOuterDisposeScope();
        }
        foreach (var generator in generators)
            generator.Dispose();
        return Host(x_RnX);

        Tensor Fresh() => stack([.. generators.Select(g => randn([_range.BlockLengthOf(patch), _diffusion.PatchDim], generator: g))]).to(model.Device);

        Tensor Next(int i, Tensor clean, Tensor noisePart)
        {
            var (from, to) = (levels[i], levels[i + 1]);
            if (method == DenoisingMethod.Ddpm)
            {
                var (mean, deviation) = step.Ancestor(clean, noisePart, from, to);
                return to == 0 ? mean : mean + (Fresh() * deviation);
            }
            var moved = step.Move(clean, noisePart, to);
            if (method != DenoisingMethod.Heun || to == 0)
                return moved;
            var (cleanThere, noiseThere) = step.Split(moved, Predict(moved, to), to);
            return x_RnX + ((noisePart - clean + (noiseThere - cleanThere)) * ((to - from) / 2));
        }

        Tensor Predict(Tensor noised_RnX, double level)
        {
            var predicted_SnX = pass.Predict(isGuided ? cat([noised_RnX, noised_RnX]) : noised_RnX, _noise.Condition(level));
            if (!isGuided)
                return predicted_SnX;
            var (conditional, unconditional) = (predicted_SnX.narrow(0, 0, prompts.Count), predicted_SnX.narrow(0, prompts.Count, prompts.Count));
            var guided = unconditional + (sampling.ImageGuidance * (conditional - unconditional));
            return options.Renormalization is not { } least ? guided : guided * (Length(conditional) / Length(guided)).clamp(least, 1);
        }
    }

    private static Tensor Length(Tensor x_RnX) => x_RnX.square().sum([1L, 2L], keepdim: true).sqrt();

    private static float[][] Host(Tensor x_RnX) => [.. x_RnX.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray().Chunk((int)(x_RnX.shape[1] * x_RnX.shape[2]))];
}
