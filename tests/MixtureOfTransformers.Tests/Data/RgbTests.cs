using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class RgbTests
{
    [Fact]
    public void ReadsHexColours() => Assert.Equal(new Rgb(0x12, 0xab, 0xff), Rgb.Parse("#12abFF"));

    [Theory]
    [InlineData("white")]
    [InlineData("#fff")]
    [InlineData("#12345g")]
    [InlineData("")]
    public void OtherTextIsRefused(string text) => Assert.Throws<ConfigException>(() => Rgb.Parse(text));
}
