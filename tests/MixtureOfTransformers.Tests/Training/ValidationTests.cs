using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Training;

public sealed class ValidationTests
{
    [Fact]
    public void ProgressIsToldAfterEveryBatch()
    {
        using var model = TestTraining.Model();
        var told = new List<int>();
        TestTraining.Validation(3).Measure(model, TestContext.Current.CancellationToken, new Report<int>(told.Add));
        Assert.Equal([1, 2, 3], told);
    }
}
