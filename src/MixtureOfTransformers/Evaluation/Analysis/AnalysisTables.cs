using System.Collections.Immutable;
using System.Globalization;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>The tables of an analysis, for the console and the page.</summary>
public static class AnalysisTables
{
    /// <summary>One row per stage: separation of the modalities and size of their states.</summary>
    public static ReportTable Stages(RunAnalysis run) => new($"{run.Name}: hidden states of held-out tokens",
    [
        new("Stage", "Where the states are taken: after the embedding, after each layer, and after the final norm, where the head reads them.", IsNumber: false),
        new("Separation", "Share of the variance that lies between modalities, tr S_B / tr (S_B + S_W): 0 is the same mean state for all, 1 one state for each."),
        new("Nearest mean", "Share of tokens whose modality is that of the nearest mean state of the other tokens; chance is 1 / modalities."),
        new("In plane", "Share of the variance that the two axes of the plot hold."),
        .. run.Modalities.Select(m => new TableColumn($"RMS {m}", $"Root of the mean square of an element of {m} states.")),
        .. run.Modalities.Select(m => new TableColumn($"Max {m}", $"Largest absolute element of {m} states.")),
    ],
    [.. run.Stages.Select(stage => StageRow(run, stage))]);

    /// <summary>One row per expert: the tokens that it takes.</summary>
    public static ReportTable Experts(RunAnalysis run) => new($"{run.Name}: load of the experts",
    [
        new("Layer", "The layer.", IsNumber: false),
        new("Tower", "The tower that the expert belongs to.", IsNumber: false),
        new("Expert", "The expert.", IsNumber: false),
        .. run.Modalities.Select(m => new TableColumn($"{ArchitectureNames.Heading(m.Name)}", $"Share of the expert's places that {m} tokens take.")),
        new("Padding", "Share of the expert's places that padding takes."),
        new("Mean gate", "Mean weight of the expert's output."),
    ],
    [.. run.Routers.SelectMany(router => router.Experts.Select((expert, e) => ExpertRow(router, expert, e)))]);

    /// <summary>One row per router and modality: how many experts process a token.</summary>
    public static ReportTable ExpertsPerToken(RunAnalysis run)
    {
        var most = run.Routers.Select(router => router.Experts.Length).DefaultIfEmpty(0).Max();
        return new($"{run.Name}: share of tokens by the number of experts that process them",
        [
            new("Layer", "The layer.", IsNumber: false),
            new("Tower", "The tower.", IsNumber: false),
            new("Tokens", "Which tokens.", IsNumber: false),
            .. Enumerable.Range(0, most + 1).Select(count => new TableColumn(Whole(count), count == 0 ? "Tokens that no expert takes." : $"Tokens that {count} take.")),
        ],
        [.. run.Routers.SelectMany(router => SharesByTokens(run, router).Select(row => Row(router, row.Tokens, row.Shares, most)))]);
    }

    /// <summary>One row per layer that tokens skip: how many pass.</summary>
    public static ReportTable Depths(RunAnalysis run) => new($"{run.Name}: share of tokens that pass a layer of mixture-of-depths",
    [
        new("Layer", "The layer.", IsNumber: false),
        .. run.Modalities.Select(m => new TableColumn(ArchitectureNames.Heading(m.Name), $"Share of {m} tokens that pass; the others skip attention and feed-forward.")),
        new("All", "Share of all tokens that pass."),
        new("Mean gate", "Mean weight of the layer's change, of tokens that pass."),
    ],
    [.. run.Depths.Select(load => (ImmutableArray<TableCell>)[new(Whole(load.Layer)), .. load.Passed.Zip(load.Tokens, Passed), Passed(load.Passed.Sum(), load.Tokens.Sum()), Share(load.MeanGate)])]);

    /// <summary>One row per power law.</summary>
    public static ReportTable Scaling(AnalysisReport report) => new("Validation loss against size: L = a · N^-b + c",
    [
        new("Model", "The architecture.", IsNumber: false),
        new("Tokens", "The modality of the loss.", IsNumber: false),
        new("N", "What grows: non-embedding parameters that a token meets, or tokens of a step. All else is equal.", IsNumber: false),
        new("Runs", "Runs fitted."),
        new("From", "The smallest N."),
        new("To", "The largest N."),
        new("b", "How fast the loss falls: doubling N takes the loss above c times 2^-b."),
        new("a", "Nats per token above c at N = 1."),
        new("c", $"Nats per token that no N gets below; 0 with fewer than {ScalingFit.SizesForFloor} sizes, which cannot tell."),
        new("Error", "Root mean square of the relative errors of the fit."),
        .. report.DataNote is null ? Array.Empty<TableColumn>() : [new("Data", "The first digits of the hash of the data of these runs; they are the same for all runs of a law.", IsNumber: false)],
    ],
    [.. report.Scaling.Select(law => (ImmutableArray<TableCell>)[.. ScalingRow(law), .. report.DataNote is null ? Array.Empty<TableCell>() : [new(DataText(law), law.Data)]])]);

    /// <summary>The first digits of the hash of a law's data.</summary>
    internal static string DataText(ScalingLaw law) => law.Data[..Math.Min(8, law.Data.Length)];

    /// <summary>Those of each modality, and of all where there are several.</summary>
    private static IEnumerable<(string Tokens, ImmutableArray<double> Shares)> SharesByTokens(RunAnalysis run, RouterLoad router)
    {
        var byModality = run.Modalities.Zip(router.ModalitySharesByExpertCount).Where(pair => !pair.Second.IsEmpty).Select(pair => (ArchitectureNames.Heading(pair.First.Name), pair.Second)).ToArray();
        return byModality.Length > 1 ? byModality.Append(("All", router.SharesByExpertCount)) : byModality;
    }

    private static ImmutableArray<TableCell> StageRow(RunAnalysis run, StageAnalysis stage)
    {
        TableCell Of(int modality, Func<ModalityNorm, double> value) => stage.Norms.FirstOrDefault(n => n.Modality == run.Modalities[modality]) is { } norm ? Number(value(norm)) : new("-");
        var modalities = Enumerable.Range(0, run.Modalities.Length).ToArray();
        return
        [
            new(stage.Name),
            stage.Separation is { } separation ? Share(separation.Score) : new("-"),
            stage.Separation is { } accuracy ? Share(accuracy.NearestMeanAccuracy) : new("-"),
            Share(stage.Plane.VarianceShares.Sum()),
            .. modalities.Select(m => Of(m, norm => norm.Rms)),
            .. modalities.Select(m => Of(m, norm => norm.Largest)),
        ];
    }

    private static ImmutableArray<TableCell> ExpertRow(RouterLoad router, ExpertLoad expert, int index)
    {
        var all = Math.Max(1, expert.Tokens.Sum() + expert.PaddingTokens);
        return [new(Whole(router.Layer)), new(Whole(router.Tower)), new(Whole(index)), .. expert.Tokens.Append(expert.PaddingTokens).Select(count => new TableCell(ReportNumbers.Percent((double)count / all), $"{count} tokens")), Share(expert.MeanGate)];
    }

    private static ImmutableArray<TableCell> Row(RouterLoad router, string tokens, ImmutableArray<double> shares, int most) =>
        [new(Whole(router.Layer)), new(Whole(router.Tower)), new(tokens), .. Enumerable.Range(0, most + 1).Select(count => new TableCell(count < shares.Length ? ReportNumbers.Percent(shares[count]) : ""))];

    private static ImmutableArray<TableCell> ScalingRow(ScalingLaw law) =>
    [
        new(ArchitectureNames.Label(law.Architecture)), new(ArchitectureNames.Heading(law.Modality.Name)), new(law.Axis == ScalingAxis.Parameters ? "parameters" : "tokens per step"),
        new(Whole(law.Points.Length)), new(ReportNumbers.Count(law.Points[0].Size)), new(ReportNumbers.Count(law.Points[^1].Size)),
        Share(law.Fit.Exponent), Number(law.Fit.Scale), Share(law.Fit.Floor), new(ReportNumbers.Percent(law.Fit.RelativeError)),
    ];

    private static TableCell Passed(long passed, long tokens) => tokens == 0 ? new("-") : new(ReportNumbers.Percent((double)passed / tokens), $"{passed} of {tokens} tokens");

    private static TableCell Share(double value) => new(value.ToString("0.000", CultureInfo.InvariantCulture), value.ToString("R", CultureInfo.InvariantCulture));

    private static TableCell Number(double value) => new(value.ToString(value < 100 ? "0.00" : "0", CultureInfo.InvariantCulture), value.ToString("R", CultureInfo.InvariantCulture));

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
