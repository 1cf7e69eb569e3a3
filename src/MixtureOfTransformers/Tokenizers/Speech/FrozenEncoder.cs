using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>A speech autoencoder of which only the codebook and the decoder are still trained.</summary>
internal sealed class FrozenEncoder(SpeechAutoencoder network) : IQuantizedAutoencoder
{
    public VectorQuantizer Quantizer => network.Quantizer;

    /// <summary>Nothing: the weights were drawn before the encoder was trained.</summary>
    public void Initialize(Tensor examples, Generator generator) { }

    public Tensor Encode(Tensor examples)
    {
        using var noGrad = no_grad();
        return network.Encode(examples);
    }

    public Tensor Decode(Tensor z_ND, int tokensPerExample) => network.Decode(z_ND, tokensPerExample);

    public IEnumerable<Parameter> CodecParameters() => network.DecoderParameters();
}
