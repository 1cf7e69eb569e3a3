using System.Text.Json;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A study as tables for other programs, one observation per row.</summary>
internal static class StudyCsv
{
    private static readonly string[] ResultColumns =
    [
        "seed", "architecture", "modality", "split", "end_loss", "best_loss", "step_slope", "step_ratio", "flops_slope", "seconds_slope", "seconds_ratio", "matched_fraction", "outcome",
        "step_time_ratio", "learning_rate", "steps", "tokens", "flops", "seconds", "parameters", "activated_parameters", "causal_loss", "diverged_at_step",
        "frechet_distance", "caption_score", "cider_d", "bleu", "heard_right", "word_error_rate", "spoken_recognized", "seen_recognized",
    ];

    private static readonly string[] CurveColumns = ["seed", "architecture", "modality", "split", "step", "flops", "seconds", "loss"];

    /// <summary>One row per seed, split, modality and architecture. Ratios are empty where the baseline's best loss was not reached, and upper bounds where the outcome is <c>before_first_point</c>; losses too are
    /// empty where it is <c>diverged</c>, and steps, tokens, FLOPs and seconds are those until then. How well a run draws and describes is in its row of validation and images, how well it hears and speaks in
    /// that of validation and speech; both are empty where they were not measured.</summary>
    public static string Results(ComparisonStudy study) => CsvText.Of(ResultColumns,
        from seed in Enumerable.Range(0, study.Seeds.Length)
        from q in study.Quality
        let cost = study.Costs.First(c => c.Architecture == q.Architecture)
        let run = study.Seeds[seed].Results.First(r => r.Architecture == q.Architecture)
        let images = q.Split == CurveSplit.Validation && q.Modality == ModalityId.Image ? study.Images?.Models.FirstOrDefault(m => m.Architecture == q.Architecture && m.Seed == study.Seeds[seed].Seed)?.Scores : null
        let speech = q.Split == CurveSplit.Validation && q.Modality == ModalityId.Speech && seed == 0 ? study.Speech?.Models.FirstOrDefault(m => m.Architecture == q.Architecture) : null // measured for the first seed
        select (object?[])
        [
            study.Seeds[seed].Seed, q.Architecture, q.Modality.Name, Snake(q.Split), q.EndLoss.Values[seed], q.BestLoss.Values[seed], q.StepSlope.Values[seed], q.StepRatio.Values[seed],
            q.FlopsSlope.Values[seed], q.SecondsSlope.Values[seed], q.SecondsRatio.Values[seed], q.MatchedFraction.Values[seed], Snake(q.Outcomes[seed]),
            cost.StepTimeRatio.Values[seed], cost.LearningRate, run.Steps, run.Tokens, run.Flops, run.Seconds,
            cost.Parameters, cost.ActivatedParameters, q.CausalLoss?.Values[seed], run.Divergence?.Step,
            images?.FrechetDistance, images?.CaptionScore, images?.Cider, images?.Bleu, speech?.HeardRight, speech?.WordErrorRate, speech?.SpokenRecognized, speech?.SeenRecognized,
        ]);

    /// <summary>One row per measurement.</summary>
    public static string Curves(ComparisonStudy study) => CsvText.Of(CurveColumns,
        from seed in study.Seeds
        from curve in seed.Curves
        from p in curve.Points
        select (object?[])[seed.Seed, curve.Architecture, curve.Modality.Name, Snake(curve.Split), p.Step, p.Flops, p.Seconds, p.Loss]);

    /// <summary>The name of an enum's value as it is in JSON.</summary>
    private static string Snake<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
