using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>A network that <see cref="AutoencoderTraining"/> trains: examples to vectors, vectors to codes, codes to examples.</summary>
internal interface IQuantizedAutoencoder
{
    /// <summary>The codebook.</summary>
    VectorQuantizer Quantizer { get; }

    /// <summary>Draws the weights before training.</summary>
    /// <param name="examples">Some training examples, in the shape that <see cref="Encode"/> takes.</param>
    /// <param name="generator">Draws.</param>
    void Initialize(Tensor examples, Generator generator);

    /// <summary>A batch of examples to a vector per token, [N, D].</summary>
    Tensor Encode(Tensor examples);

    /// <summary>A vector per token, [N, D], to examples of so many tokens, in the shape that <see cref="Encode"/> takes.</summary>
    Tensor Decode(Tensor z_ND, int tokensPerExample);

    /// <summary>The weights of encoder and decoder that gradients change; owned by the network.</summary>
    IEnumerable<Parameter> CodecParameters();
}
