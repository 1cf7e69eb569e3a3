// Legend: B images, C channels, H rows, W columns of pixels; h rows, w columns of latents, Z numbers of a latent, P samples under one.
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The network of a VAE: images to a normal distribution for each number of their latents, latents to images.</summary>
internal sealed class ImageVaeNetwork : nn.Module
{
    private const double FirstLogVariance = -6;
    private const double LowestLogVariance = -30, HighestLogVariance = 20; // exp stays finite

    [ComponentName(Name = "encoder")] private readonly PatchNetwork _encoder;
    [ComponentName(Name = "decoder")] private readonly PatchNetwork _decoder;
    private readonly ImageVaeConfig _config;

    /// <summary>Not yet initialised.</summary>
    public ImageVaeNetwork(ImageVaeConfig config) : base(nameof(ImageVaeNetwork))
    {
        _config = config;
        _encoder = new(config.PatchDim, 2 * config.LatentDim, config.Width, config.BlockCount);
        _decoder = new(config.LatentDim, config.PatchDim, config.Width, config.BlockCount);
        RegisterComponents();
        foreach (var weight in state_dict().Values)
            weight.DetachFromDisposeScope(); // the network lives until it is disposed, wherever it was built
    }

    /// <summary>Draws the weights; the linear paths become the principal components of the images' patches, each latent of variance 1, as the divergence asks.</summary>
    /// <param name="x_BCHW">Some training images, [B, C, H, W].</param>
    /// <param name="generator">Draws the other weights.</param>
    public void Initialize(Tensor x_BCHW, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var patches_NP = nn.functional.pixel_unshuffle(x_BCHW, _config.Factor).permute(0, 2, 3, 1).reshape(-1, _config.PatchDim);
        var (basis_ZP, mean_P, variance_Z) = PatchNetwork.PrincipalComponents(patches_NP, _config.LatentDim);
        var deviation_Z1 = variance_Z.clamp_min(1e-4).sqrt().unsqueeze(1);
        var whitening_ZP = basis_ZP / deviation_Z1;
        _encoder.Initialize(cat([whitening_ZP, zeros_like(whitening_ZP)]), cat([whitening_ZP.mv(mean_P).neg(), full(_config.LatentDim, FirstLogVariance)]), generator);
        _decoder.Initialize((basis_ZP * deviation_Z1).t().contiguous(), mean_P, generator);
    }

    /// <param name="x_BCHW">[B, C, H, W].</param>
    /// <returns>Of each number, [B, Z, h, w], owned by the caller's scope.</returns>
    public LatentPosterior Encode(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        var both = _encoder.call(nn.functional.pixel_unshuffle(x_BCHW, _config.Factor));
        return new(both.narrow(1, 0, _config.LatentDim).MoveToOuterDisposeScope(),
            both.narrow(1, _config.LatentDim, _config.LatentDim).clamp(LowestLogVariance, HighestLogVariance).MoveToOuterDisposeScope());
    }

    /// <param name="z_BZhw">[B, Z, h, w].</param>
    /// <returns>[B, C, H, W], owned by the caller's scope.</returns>
    public Tensor Decode(Tensor z_BZhw)
    {
        using var scope = NewDisposeScope();
        return nn.functional.pixel_shuffle(_decoder.call(z_BZhw), _config.Factor).MoveToOuterDisposeScope();
    }
}
