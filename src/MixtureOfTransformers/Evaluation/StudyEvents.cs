namespace MixtureOfTransformers.Evaluation;

/// <summary>A study's loss curves for TensorBoard: one run per architecture and seed, one scalar per split and modality, against steps.</summary>
internal static class StudyEvents
{
    /// <param name="folder">Holds one folder per run, such as <c>mot-seed1</c>; the event files in it are replaced.</param>
    /// <param name="study">What to write.</param>
    public static void Write(string folder, ComparisonStudy study)
    {
        foreach (var seed in study.Seeds)
        {
            foreach (var run in seed.Curves.GroupBy(c => c.Architecture))
            {
                var runFolder = Path.Combine(folder, $"{SafeName.Of(run.Key)}-seed{seed.Seed}");
                Directory.CreateDirectory(runFolder);
                foreach (var old in Directory.EnumerateFiles(runFolder, "events.out.tfevents.*").ToArray())
                    File.Delete(old);
                var start = study.Metadata.Date - TimeSpan.FromSeconds(run.Max(c => c.Points[^1].Seconds));
                EventFile.Write(Path.Combine(runFolder, FormattableString.Invariant($"events.out.tfevents.{start.ToUnixTimeSeconds():0000000000}.mot")), start,
                    from curve in run
                    from point in curve.Points
                    orderby point.Step
                    select ($"loss/{(curve.Split == CurveSplit.Validation ? "validation" : "training")}/{curve.Modality}", point));
            }
        }
    }
}
