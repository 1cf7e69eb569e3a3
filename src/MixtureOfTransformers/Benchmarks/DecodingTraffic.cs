using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>Bytes that one decoding step has to read at least, in the width of the activations: the weights of every tower in use once, the head, and each row's keys
/// and values.</summary>
internal static class DecodingTraffic
{
    /// <param name="config">The model's shape.</param>
    /// <param name="towersInUse">Towers that the rows' next tokens go to.</param>
    /// <param name="rows">Rows decoded together.</param>
    /// <param name="keys">Tokens a row attends to.</param>
    /// <param name="elementBytes">Bytes of one number.</param>
    public static double BytesPerStep(MotConfig config, int towersInUse, int rows, double keys, int elementBytes)
    {
        var weights = ((double)towersInUse * config.LayerCount * (ParameterCount.AttentionWeights(config) + ParameterCount.FeedForwardWeights(config)))
            + ((double)config.VocabularySize * config.Dim);
        var keysAndValues = 2.0 * rows * keys * config.LayerCount * config.EffectiveKeyValueHeadCount * config.HeadDim;
        return elementBytes * (weights + keysAndValues);
    }
}
