// Legend: B images, C channels, H rows, W columns of pixels; N tokens of the batch, D code dimension.
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The network of an image tokenizer: patches to vectors, vectors to codes, codes to patches.</summary>
internal sealed class ImageAutoencoder : nn.Module, IQuantizedAutoencoder
{
    [ComponentName(Name = "encoder")] private readonly PatchNetwork _encoder;
    [ComponentName(Name = "quantizer")] private readonly VectorQuantizer _quantizer;
    [ComponentName(Name = "decoder")] private readonly PatchNetwork _decoder;
    private readonly ImageTokenizerConfig _config;

    /// <summary>Not yet initialised.</summary>
    public ImageAutoencoder(ImageTokenizerConfig config) : base(nameof(ImageAutoencoder))
    {
        _config = config;
        _encoder = new(config.PatchDim, config.CodeDim, config.Width, config.BlockCount);
        _quantizer = new(config.CodebookSize, config.CodeDim);
        _decoder = new(config.CodeDim, config.PatchDim, config.Width, config.BlockCount);
        RegisterComponents();
        foreach (var weight in state_dict().Values)
            weight.DetachFromDisposeScope(); // the network lives until it is disposed, wherever it was built
    }

    public VectorQuantizer Quantizer => _quantizer;

    /// <inheritdoc/>
    public IEnumerable<TorchSharp.Modules.Parameter> CodecParameters() => parameters();

    /// <summary>Draws the weights; the linear paths become the principal components of the images' patches.</summary>
    /// <param name="x_BCHW">Some training images, [B, C, H, W].</param>
    /// <param name="generator">Draws the other weights.</param>
    public void Initialize(Tensor x_BCHW, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        PatchNetwork.InitializePair(_encoder, _decoder, Rows(nn.functional.pixel_unshuffle(x_BCHW, _config.Factor)), _config.CodeDim, generator);
    }

    /// <param name="x_BCHW">[B, C, H, W].</param>
    /// <returns>A vector per token, images and then rows in order, [N, D], owned by the caller's scope.</returns>
    public Tensor Encode(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        return Rows(_encoder.call(nn.functional.pixel_unshuffle(x_BCHW, _config.Factor))).MoveToOuterDisposeScope();
    }

    /// <param name="z_ND">A vector per token, [N, D].</param>
    /// <returns>[B, C, H, W], owned by the caller's scope.</returns>
    public Tensor Decode(Tensor z_ND) => Decode(z_ND, _config.TokenCount);

    /// <inheritdoc/>
    public Tensor Decode(Tensor z_ND, int tokensPerExample)
    {
        using var scope = NewDisposeScope();
        var grid = z_ND.view(-1, _config.GridHeight, _config.GridWidth, _config.CodeDim).permute(0, 3, 1, 2).contiguous();
        return nn.functional.pixel_shuffle(_decoder.call(grid), _config.Factor).MoveToOuterDisposeScope();
    }

    private static Tensor Rows(Tensor grid) => grid.permute(0, 2, 3, 1).reshape(-1, grid.shape[1]);
}
