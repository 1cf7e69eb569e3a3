namespace MixtureOfTransformers.Generation;

/// <summary>Why a sequence ended.</summary>
public enum EndReason
{
    /// <summary>The model closed the document.</summary>
    EndOfSequence,

    /// <summary>The image or speech that the prompt opened is complete, and nothing more was asked for.</summary>
    EndOfBlock,

    /// <summary>The model would go on with an image or speech, and only text was asked for.</summary>
    BeginOfBlock,

    /// <summary>An image begins, which is denoised and not decoded.</summary>
    BeginOfImage,

    /// <summary>As many tokens as were asked for, or as the model's longest sequence can hold.</summary>
    Limit,
}
