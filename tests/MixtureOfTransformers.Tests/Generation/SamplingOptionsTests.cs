using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class SamplingOptionsTests
{
    public static TheoryData<SamplingOptions, string> Bad => new()
    {
        { new() { Text = new() { Temperature = -0.5 } }, "text temperature -0.5 must be 0 (greedy) or positive" },
        { new() { Image = new() { Temperature = double.NaN } }, "image temperature NaN" },
        { new() { Image = new() { TopK = -1 } }, "image top_k -1 must be positive, or 0 for no limit" },
        { new() { Text = new() { TopP = 0 } }, "text top_p 0 must be above 0 and at most 1" },
        { new() { Text = new() { TopP = 1.5 } }, "text top_p 1.5" },
        { new() { ImageGuidance = -1 }, "image_guidance -1 must be 0 or more; 1 is off" },
        { new() { ImageGuidance = double.PositiveInfinity }, "image_guidance" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void ABadValueIsNamedWithItsLimit(SamplingOptions options, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigException>(options.Validate).Message);

    [Fact]
    public void TheDefaultsAreValid() => Assert.Equal(new SamplingOptions(), new SamplingOptions().Validate());
}
