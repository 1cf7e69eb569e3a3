using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class ReadProblemsTests
{
    [Fact]
    public void TooManyAreAnErrorThatNamesTheFirst()
    {
        var problems = new ReadProblems(limit: 2);
        problems.Add("photos", "a.png", "truncated");
        problems.Add("photos", "b.png", "truncated");
        var error = Assert.Throws<MotException>(() => problems.Add("photos", "c.png", "truncated"));
        Assert.Contains("3 bad documents, more than the 2 allowed", error.Message);
        Assert.Contains("photos: a.png: truncated", error.Message);
    }

    [Fact]
    public void OnlyTheFirstTwentyAreKept()
    {
        var problems = new ReadProblems();
        for (var i = 0; i < 50; i++)
            problems.Add("s", $"{i}", "bad");
        Assert.Equal(50, problems.Count);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), problems.First.Select(p => p.Entry));
    }
}
