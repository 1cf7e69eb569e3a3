// Legend: M frames, F mel bands.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Log-mel frames to sound.</summary>
internal interface IVocoder : IDisposable
{
    /// <summary>The sound of frames, a hop of samples for each, within full scale. It comes block by block: each is made when it is asked for, and only one is held.</summary>
    /// <param name="count">How many frames there are.</param>
    /// <param name="frames">Given the first and how many, makes some of them: [M, F] in dB, which the caller disposes.</param>
    /// <param name="framesAtOnce">Frames of a block, at least 1.</param>
    /// <returns>The blocks in order, M · hop samples together.</returns>
    IEnumerable<float[]> Synthesize(int count, Func<int, int, Tensor> frames, int framesAtOnce);
}
