using System.Globalization;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>What each architecture saves against the tokens that each parameter has seen, one chart per modality.</summary>
internal static class SavingsSection
{
    public static Markup Render(ComparisonStudy study) => study.Savings.IsEmpty ? default : Markup.Of($"""
        <section id="savings"><h2>Savings as training goes on</h2>
        <ul class="legend">{study.Architectures.Select((a, i) => (Name: a, Index: i)).Where(a => study.Savings.Any(s => s.Architecture == a.Name)).Select(a => Markup.Of($"<li>{CurveSection.Swatch(a.Index)}{ArchitectureNames.Label(a.Name)}</li>"))}</ul>
        <div class="panels">
        {StudyCurves.Modalities(study).Select(m => (Modality: m, Curves: study.Savings.Where(s => s.Modality == m).ToArray())).Where(m => m.Curves.Length > 0).Select(m => Chart(study, m.Modality, m.Curves))}</div>
        <p class="note">After each eighth of the {ArchitectureNames.InSentence(study.Baseline)} model's run: the share of its steps that the others need for the best validation loss that it has reached by then; the lower, the more they save; at the dashed line they need as many.
        The last point is “steps to match”. Tokens per parameter are all tokens trained on by then over the parameters that a token meets, embeddings and head left out.
        Where there is no point the loss is not reached, or was before the first measurement{(study.Seeds.Length > 1 ? "; a hollow point is the mean of some seeds alone" : "")}.</p></section>
        """);

    private static Markup Chart(ComparisonStudy study, ModalityId modality, SavingsCurve[] curves)
    {
        var axis = curves[0].Points;
        var frame = new ChartFrame
        {
            XRange = (axis[0].TokensPerParameter, axis[^1].TokensPerParameter),
            YRange = (0, SavingsRange.Top(curves)),
            LogX = true,
            XLabel = SavingsRange.XLabel,
            YLabel = $"share of the steps of {ArchitectureNames.InSentence(study.Baseline)}",
            XText = ReportNumbers.Count,
            YText = y => y.ToString("0.##", CultureInfo.InvariantCulture),
        };
        return Markup.Of($"""
            <figure class="panel" data-tips="{ChartTips.Json(curves.Select(c => Reached(c).Select(p => Tip(c, p))))}">
            <figcaption>{ArchitectureNames.Heading(modality.Name)}: steps for equal loss</figcaption>
            <svg viewBox="0 0 {ChartFrame.Width} {ChartFrame.Height}" data-area="{ChartFrame.Area}" role="img" tabindex="0" aria-label="{Description(study, modality, curves)}">
            {frame.Grid()}<path class="diagonal" d="{frame.Path([(frame.XRange.Min, 1), (frame.XRange.Max, 1)])}"/>{curves.Select(c => Curve(frame, c, study.Architectures.IndexOf(c.Architecture)))}</svg></figure>

            """);
    }

    private static Markup Curve(ChartFrame frame, SavingsCurve curve, int index)
    {
        var whole = Reached(curve).Where(p => p.StepShare.IsComplete).Select(Position).ToArray();
        return Markup.Of($"""
            {(whole.Length > 1 ? Markup.Of($"""<path class="line s{index}" d="{frame.Path(whole)}"/>""") : default)}<g class="dots s{index}" data-skip="0">{Reached(curve).Select(p =>
                Markup.Of($"""<circle{(p.StepShare.IsComplete ? default : Markup.Of($" class=\"part\""))} cx="{frame.X(Position(p).X)}" cy="{frame.Y(Position(p).Y)}" r="3.5"/>"""))}</g>
            """);
    }

    private static IEnumerable<SavingsPoint> Reached(SavingsCurve curve) => curve.Points.Where(p => p.StepShare.Mean is not null);

    private static (double X, double Y) Position(SavingsPoint point) => (point.TokensPerParameter, point.StepShare.Mean!.Value);

    private static string Tip(SavingsCurve curve, SavingsPoint point) =>
        $"{ArchitectureNames.Label(curve.Architecture)} {Share(point)} of the steps · {ReportNumbers.Count(point.TokensPerParameter)} tokens per parameter";

    private static string Share(SavingsPoint point) => SpreadText.Of(point.StepShare, s => ReportNumbers.Ratio(s), "no share");

    private static string Description(ComparisonStudy study, ModalityId modality, SavingsCurve[] curves) =>
        $"{ArchitectureNames.Heading(modality.Name)}: share of the {ArchitectureNames.InSentence(study.Baseline)} model's steps for equal loss against tokens per parameter. "
        + string.Join(" ", curves.Select(c => $"{ArchitectureNames.Label(c.Architecture)}: {Share(c.Points[0])} at first, {Share(c.Points[^1])} at the end."));
}
