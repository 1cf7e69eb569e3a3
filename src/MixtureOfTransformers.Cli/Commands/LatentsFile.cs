using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>The latents of an image as a safetensors file, with one tensor <c>latents</c>, [rows, columns, numbers of a latent] of float32.</summary>
internal static class LatentsFile
{
    private const string Name = "latents";

    /// <summary>Encodes an image, scaled to the size that the VAE takes, and writes its latents.</summary>
    /// <exception cref="MotException">The file is missing or no whole image.</exception>
    public static void Encode(ImageVae vae, string input, string output)
    {
        var config = vae.Config;
        var image = ImageFile.Read(input, [new(config.ImageWidth, config.ImageHeight)], config.Channels);
        using var latents = tensor(vae.Encode([image])[0], [config.GridHeight, config.GridWidth, config.LatentDim]);
        Safetensors.Save(output, new Dictionary<string, Tensor> { [Name] = latents });
    }

    /// <summary>Reads latents and decodes the image.</summary>
    /// <exception cref="MotException">The file is damaged, or holds no latents of this VAE.</exception>
    public static PixelImage Decode(ImageVae vae, string input)
    {
        using var file = Safetensors.Load(input);
        long[] shape = [vae.Config.GridHeight, vae.Config.GridWidth, vae.Config.LatentDim];
        using var latents = zeros(shape);
        file.LoadInto(new Dictionary<string, Tensor> { [Name] = latents });
        return vae.Decode([latents.data<float>().ToArray()])[0];
    }
}
