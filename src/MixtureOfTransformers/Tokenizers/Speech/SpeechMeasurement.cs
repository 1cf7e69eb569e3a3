// Legend: M frames, F mel bands.
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Measures a speech tokenizer on clips.</summary>
internal static class SpeechMeasurement
{
    private const int Coefficients = 13;

    /// <summary>Clips to codes and back, compared with the originals.</summary>
    /// <exception cref="MotException">The clips hold no sound.</exception>
    public static SpeechTokenizerReport Measure(SpeechTokenizer tokenizer, IReadOnlyList<AudioClip> clips, int steps)
    {
        var (codes, squares, distortion, griffinLim, frames) = (new List<int[]>(), 0.0, 0.0, (double?)null, 0L);
        foreach (var clip in clips)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            codes.Add(tokenizer.Encode(clip));
            var original_MF = tokenizer.Frames(clip);
            var decoded_MF = tokenizer.DecodeFrames(codes[^1]);
            squares += (original_MF - decoded_MF).square().sum().item<float>();
            double DistortionOf(AudioClip decoded) => Distortion(original_MF, tokenizer.Frames(decoded)).sum().item<float>();
            distortion += DistortionOf(tokenizer.Decode(codes[^1]));
            if (tokenizer.DecodeByGriffinLim(codes[^1]) is { } other)
                griffinLim = (griffinLim ?? 0) + DistortionOf(other);
            frames += original_MF.shape[0];
        }
        if (frames == 0)
            throw new MotException("there is no speech to measure the speech tokenizer on");
        var counts = CodebookUse.Count(codes, tokenizer.CodebookSize);
        var used = counts.Count(c => c > 0);
        return new()
        {
            Steps = steps,
            ClipCount = clips.Count,
            Seconds = clips.Sum(c => c.Seconds),
            LogMelErrorDb = Math.Sqrt(squares / frames / tokenizer.Config.MelCount),
            MelCepstralDistortionDb = distortion / frames,
            GriffinLimDistortionDb = griffinLim / frames,
            CodesUsed = used,
            CodebookUse = (double)used / counts.Length,
            Perplexity = CodebookUse.Perplexity([.. counts.Select(c => (double)c)]),
        };
    }

    /// <summary>Of each frame, [M]: 10/ln 10 · √(2 Σ Δc²) with the cepstrum of the logarithmic amplitude, which is the root mean square difference of the smoothed spectra in dB.</summary>
    internal static Tensor Distortion(Tensor a_MF, Tensor b_MF)
    {
        using var scope = NewDisposeScope();
        var bands = (int)a_MF.shape[1];
        var cosines = new float[bands, Coefficients];
        for (var f = 0; f < bands; f++)
            for (var c = 0; c < Coefficients; c++)
                cosines[f, c] = (float)(2.0 / bands * Math.Cos(Math.PI * (c + 1) * (f + 0.5) / bands));
        return (a_MF - b_MF).mm(tensor(cosines)).square().sum(1).div(2).sqrt().MoveToOuterDisposeScope();
    }
}
