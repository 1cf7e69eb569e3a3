namespace MixtureOfTransformers.Benchmarks;

/// <summary>How the modalities of a synthetic row alternate.</summary>
internal enum ModalityLayout
{
    /// <summary>In stretches as documents have them: 32 to 128 tokens of text, 64 to 256 of every other modality.</summary>
    Spans,

    /// <summary>Another modality at every token: no two neighbours share a tower.</summary>
    Interleaved,
}
