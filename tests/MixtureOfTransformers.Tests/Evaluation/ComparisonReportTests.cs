using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ComparisonReportTests
{
    [Fact]
    public void BaselineNeedsExactlyItsOwnCost() =>
        Assert.All(ExampleReports.Small().Results.Where(r => r.Architecture == "dense"), r => Assert.Equal((1.0, 1.0, 1.0, 1.0), (r.StepSlope, r.StepRatio, r.SecondsSlope, r.SecondsRatio)));

    [Fact]
    public void OtherRunsAreMatchedPerModalityInStepsAndSeconds()
    {
        var image = ExampleReports.Small().Results.Single(r => r.Architecture == "mot" && r.Modality == ModalityId.Image);
        Assert.InRange(image.StepSlope!.Value, 0.57, 0.63);
        Assert.InRange(image.StepRatio!.Value, 0.55, 0.65);
        Assert.Equal(1.36, image.SecondsSlope!.Value / image.StepSlope.Value, 9);
        Assert.Equal(1.36, image.SecondsRatio!.Value / image.StepRatio.Value, 9);
        Assert.Equal(1200 * 4096 / image.Seconds, image.TokensPerSecond);
    }

    [Fact]
    public void ValidationLossIsTheLastMeasured()
    {
        var report = ExampleReports.Small();
        Assert.All(report.Results, r => Assert.Equal(report.Curves.Single(c => c.Architecture == r.Architecture && c.Modality == r.Modality).Points[^1].Loss, r.ValidationLoss));
    }

    [Fact]
    public void LossThatIsNotReachedIsNullInJson()
    {
        var text = ExampleReports.Small().Results.Single(r => r.Architecture == "mot" && r.Modality == ModalityId.Text);
        Assert.Equal(MatchOutcome.NotReached, text.Outcome);
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(ExampleReports.Small(), ReportJson.Default.ComparisonReport));
        var result = json.RootElement.GetProperty("results").EnumerateArray().Single(r => r.GetProperty("architecture").GetString() == "mot" && r.GetProperty("modality").GetString() == "text");
        Assert.Equal(JsonValueKind.Null, result.GetProperty("step_ratio").ValueKind);
        Assert.Equal("not_reached", result.GetProperty("outcome").GetString());
    }

    [Fact]
    public void JsonFieldsAreTheApprovedOnes()
    {
        using var folder = new TemporaryFolder();
        ReportFolder.Write(folder.Path, ExampleReports.Small());
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("report.json")));
        Approvals.Verify("Evaluation/ReportFields.approved.txt", string.Concat(Paths(json.RootElement, "").Distinct().Order(StringComparer.Ordinal).Select(p => p + "\n")));
    }

    [Fact]
    public void RunsNeedNamesOfTheirOwn() =>
        Assert.Contains("'dense'", Assert.Throws<MotException>(() => ComparisonReport.Create(ExampleReports.Metadata(), ExampleReports.Run("dense", 1, 1, 1), ExampleReports.Run("dense", 1, 1, 1))).Message);

    [Fact]
    public void RunWithoutAModalityOfTheBaselineIsRefused()
    {
        var mot = ExampleReports.Run("mot", 1, 1, 1);
        var message = Assert.Throws<MotException>(() =>
            ComparisonReport.Create(ExampleReports.Metadata(), ExampleReports.Run("dense", 1, 1, 1), mot with { Curves = [mot.Curves[0]] })).Message;
        Assert.Contains("'mot' has no validation curve for image", message);
    }

    /// <summary>Every field with its kind, array elements as <c>[]</c>; what a recipe, a machine or a version list holds is free.</summary>
    private static IEnumerable<string> Paths(JsonElement element, string path) => element.ValueKind switch
    {
        _ when path is ".metadata.recipe" or ".metadata.machine" or ".metadata.versions" => [path + ": object"],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Paths(p.Value, $"{path}.{p.Name}")),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(e => Paths(e, path + "[]")),
        JsonValueKind.Null => [],
        var kind => [$"{path}: {kind.ToString().ToLowerInvariant()}"],
    };
}
