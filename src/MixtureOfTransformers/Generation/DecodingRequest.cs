using System.Collections.Immutable;

namespace MixtureOfTransformers.Generation;

/// <summary>One sequence to continue.</summary>
public sealed record DecodingRequest
{
    /// <summary>The ids to continue, as in training: BOS first, images as BOI, codes, EOI, and speech likewise. End it with BOI to ask for an image, or inside
    /// an image to complete it; the same goes for speech.</summary>
    public required ImmutableArray<int> Prompt { get; init; }

    /// <summary>The numbers of the prompt's images, where they are vectors, one token after the other.</summary><value>Empty.</value>
    public ImmutableArray<float> Vectors { get; init; } = [];

    /// <summary>How tokens are drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens to generate, EOS included.</summary><value>Null: as many as the model's longest sequence holds.</value>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens to generate before the model may end the sequence.</summary><value>0.</value>
    public int MinTokens { get; init; }

    /// <summary>Most images to begin, one that the prompt has opened included; 0 for text only.</summary><value>Null: no limit.</value>
    public int? MaxImages { get; init; }

    /// <summary>Most stretches of speech to begin, one that the prompt has opened included.</summary><value>0.</value>
    public int MaxSpeech { get; init; }

    /// <summary>Whether the sequence ends with the image or speech that the prompt has opened.</summary><value>False.</value>
    public bool StopAtEndOfBlock { get; init; }

    /// <summary>Whether text ends where the model would begin an image or speech, as it does at EOS; the token that would begin it is not generated.</summary><value>False.</value>
    public bool StopAtBeginOfBlock { get; init; }

    /// <summary>Whether the model may end the sequence. If not, EOS is never drawn and the sequence goes on to its limit.</summary><value>True.</value>
    public bool StopAtEndOfSequence { get; init; } = true;
}
