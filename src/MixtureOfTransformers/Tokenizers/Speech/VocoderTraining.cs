// Legend: B stretches, S frames of each, M frames, F mel bands, N samples.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Trains a vocoder on the frames that a tokenizer's codes stand for and the sound that they were made of, so that it also mends what the codes lose.</summary>
/// <param name="network">Not yet initialised.</param>
/// <param name="shape">Its frames.</param>
/// <param name="options">Steps, seconds, batch size, rate.</param>
/// <param name="report">Told every few steps; the error is the mean difference of logarithmic magnitudes, in dB.</param>
internal sealed class VocoderTraining(VocoderNetwork network, MelShape shape, SpeechTokenizerOptions options, Action<AutoencoderProgress> report)
{
    private const int StretchFrames = 32;

    /// <summary>Trains. With the same seed and no time limit the result is the same, on the same machine and number of threads.</summary>
    /// <param name="mel_MF">Frames in dB, at least <see cref="StretchFrames"/>.</param>
    /// <param name="sound_N">Their sound, a hop for each.</param>
    /// <param name="seed">Of weights and order.</param>
    /// <param name="clock">Measures the seconds.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <returns>Steps done.</returns>
    /// <exception cref="Storage.MotException">The training diverged.</exception>
    public int Run(Tensor mel_MF, Tensor sound_N, long seed, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var generator = new Generator((ulong)seed);
        using var spectra = new FrameSpectra(shape);
        using var spectralLoss = new SpectralLoss(shape);
        network.Initialize(generator);
        var loop = new AutoencoderLoop(options with { Steps = options.VocoderSteps }, report);
        return loop.Run(network.parameters(), (descend, _, _) =>
        {
            using var scope = NewDisposeScope();
            var (frames_BSF, wanted_BN) = Draw(mel_MF, sound_N, generator);
            var (loss, difference) = spectralLoss.Of(spectra.Sound(network.call(frames_BSF)), wanted_BN);
            descend(loss);
            return (loss.detach().MoveToOuterDisposeScope(), (difference.detach() * (20 / Math.Log(10))).MoveToOuterDisposeScope());
        }, clock, cancellationToken);
    }

    /// <summary>Stretches that begin at any frame, and their sound from the middle of the first frame to that of the last.</summary>
    private (Tensor Frames_BSF, Tensor Sound_BN) Draw(Tensor mel_MF, Tensor sound_N, Generator generator)
    {
        using var scope = NewDisposeScope();
        var first_B1 = randint(0, mel_MF.shape[0] - StretchFrames + 1, new long[] { options.BatchSize, 1 }, dtype: ScalarType.Int64, generator: generator);
        var frames_BSF = mel_MF.index_select(0, (first_B1 + arange(StretchFrames)).reshape(-1)).view(options.BatchSize, StretchFrames, shape.MelCount);
        var samples_BN = (first_B1 * shape.Hop) + (shape.Hop / 2) + arange((StretchFrames - 1) * shape.Hop);
        var sound_BN = sound_N.index_select(0, samples_BN.reshape(-1)).view(samples_BN.shape);
        return (frames_BSF.MoveToOuterDisposeScope(), sound_BN.MoveToOuterDisposeScope());
    }
}
