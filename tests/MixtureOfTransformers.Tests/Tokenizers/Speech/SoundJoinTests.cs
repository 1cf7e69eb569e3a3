using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

public sealed class SoundJoinTests
{
    [Fact]
    public void OneStretchFadesOutWhileTheNextFadesInAtEqualPower()
    {
        const int Overlap = 40;
        var (ones, none) = (Enumerable.Repeat(1f, 100).ToArray(), new float[100]);
        var fallen = Joined(ones, none, Overlap);
        var risen = Joined(none, ones, Overlap);
        Assert.Equal(160, fallen.Length);
        Assert.All(fallen[..60], s => Assert.Equal(1, s));
        Assert.All(fallen[100..], s => Assert.Equal(0, s));
        for (var i = 60; i < 100; i++)
        {
            Assert.InRange(fallen[i], 0, fallen[i - 1] - 1e-5f);
            Assert.Equal(1, (fallen[i] * fallen[i]) + (risen[i] * risen[i]), 1e-5);
            Assert.Equal(fallen[i], risen[159 - i], 1e-5);
        }
    }

    private static float[] Joined(float[] first, float[] second, int overlap)
    {
        var join = new SoundJoin(overlap);
        return [.. join.Add([.. first], isLast: false), .. join.Add([.. second], isLast: true)];
    }
}
