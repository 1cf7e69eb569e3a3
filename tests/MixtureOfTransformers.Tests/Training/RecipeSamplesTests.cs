using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tests.Data;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Training;

public sealed class RecipeSamplesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ImagesAreDrawnUniformlyAndBySide()
    {
        var train = Source("train", count: 25_000, grey: i => (byte)(i / 1000), DataSplit.Train);
        var validation = Source("validation", count: 600, grey: _ => 255, DataSplit.Validation);
        var samples = Read(train, validation);
        Assert.Equal(20_000, samples.Images.Count);
        foreach (var thousand in samples.Images.CountBy(i => i.Samples[0]))
            Assert.InRange(thousand.Value, 750, 850);
        Assert.Equal(512, samples.HeldOut.Count);
        Assert.All(samples.HeldOut, i => Assert.Equal(255, i.Samples[0]));
        Assert.Equal(25_000, samples.Texts.Count);
        Assert.DoesNotContain("validation", samples.Texts);
    }

    [Fact]
    public void WithoutAValidationSideTheTrainingImagesMeasure()
    {
        var samples = Read(Source("train", count: 10, grey: _ => 1, DataSplit.Train));
        Assert.Equal(10, samples.HeldOut.Count);
    }

    private static RecipeSamples Read(params SourceRecipe[] sources) =>
        RecipeSamples.Read(new() { Name = "test", Data = new() { Sources = [.. sources], ImageSize = 1, Channels = 1, CaptionDropout = 0 } }, IStages.Silent, CancellationToken.None);

    private IdxRecipe Source(string name, int count, Func<int, byte> grey, DataSplit split)
    {
        TestIdx.Write(_folder.File($"{name}-images"), [.. Enumerable.Range(0, count).Select(grey)], count, 1, 1);
        TestIdx.Write(_folder.File($"{name}-labels"), new byte[count], count);
        return new() { Images = _folder.File($"{name}-images"), Labels = _folder.File($"{name}-labels"), Classes = [name], Templates = ["{class}"], Split = split };
    }
}
