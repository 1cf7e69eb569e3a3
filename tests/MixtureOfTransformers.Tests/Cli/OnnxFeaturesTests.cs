using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class OnnxFeaturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, null)]
    [InlineData(1, 5)]
    [InlineData(2, 5)]
    [InlineData(4, 2)]
    public void ImagesGoInAsChannelsFromZeroToOneAndOfTheSizeThatIsTaken(int? batch, int? size)
    {
        using var features = Open(TinyOnnx.ChannelMeans(batch, size));
        using var means_NF = features.Of([.. Enumerable.Repeat(Image(255, 102, 0), 2), Image(0, 51, 204)]);
        Assert.Equal([3, 3], means_NF.shape);
        float[] expected = [1, 0.4f, 0, 1, 0.4f, 0, 0, 0.2f, 0.8f];
        Assert.All(expected.Zip(means_NF.data<float>().ToArray()), p => Assert.Equal(p.First, p.Second, 1e-5f));
        Assert.Equal("features of model.onnx", features.Name);
    }

    [Fact]
    public void GreyImagesAreGivenThreeChannels()
    {
        using var features = Open(TinyOnnx.ChannelMeans());
        using var means_NF = features.Of([new PixelImage(2, 1, 1, [0, 255])]);
        Assert.All(means_NF.data<float>().ToArray(), mean => Assert.Equal(0.5f, mean, 1e-5f));
    }

    [Fact]
    public void WhatIsNoSuchNetworkIsRefused()
    {
        Assert.Contains("does not exist", Assert.Throws<MotException>(() => OnnxFeatures.Open(_folder.File("none.onnx"))).Message);
        Assert.Contains("cannot be read by ONNX Runtime", Assert.Throws<MotException>(() => Open([1, 2, 3])).Message);
        Assert.Contains("both fixed or both free", Assert.Throws<MotException>(() => Open(TinyOnnx.ChannelMeans(1, 5, null))).Message);
    }

    private OnnxFeatures Open(byte[] model)
    {
        File.WriteAllBytes(_folder.File("model.onnx"), model);
        return OnnxFeatures.Open(_folder.File("model.onnx"));
    }

    /// <summary>2x4 pixels of one colour.</summary>
    private static PixelImage Image(byte red, byte green, byte blue) => new(4, 2, 3, [.. Enumerable.Repeat((byte[])[red, green, blue], 8).SelectMany(pixel => pixel)]);
}
