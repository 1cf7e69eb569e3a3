using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Data;

public sealed class PhraseSwitchingTests
{
    [Fact]
    public void APhraseBeginsAtTheSampleThatItsTimeNames()
    {
        const int Rate = 16000;
        var samples = new float[4000];
        for (var start = 1; start < samples.Length; start++)
        {
            var speech = new SpeechPart(new(samples, Rate)) { Phrases = [new("one", 0), new("two", (double)start / Rate)] };
            var said = (SpeechPart)PhraseSwitching.Arrange(speech, speechFirst: true, new(1, start, 0))[0];
            Assert.Equal(start, said.Clip.Samples.Length); // a product such as 1001 / 16000 * 16000 is a little less than whole
        }
    }
}
