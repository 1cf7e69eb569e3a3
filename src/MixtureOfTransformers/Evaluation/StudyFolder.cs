using MixtureOfTransformers.Evaluation.Plots;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Keeps a study in a folder: <c>compare.json</c> for programs, <c>report.html</c> for people, <c>images/</c> and <c>audio/</c> for both;
/// <c>results.csv</c>, <c>curves.csv</c> and <c>tensorboard/</c> for other tools; <c>plots/</c> for slides and papers.</summary>
public static class StudyFolder
{
    /// <summary>Name of the file for programs.</summary>
    public const string JsonName = "compare.json";

    /// <summary>Name of the file for people: it holds everything it shows and needs no other.</summary>
    public const string HtmlName = ReportFolder.HtmlName;

    /// <summary>Name of the table of results: one row per seed, split, modality and architecture.</summary>
    public const string ResultsName = "results.csv";

    /// <summary>Name of the table of loss curves: one row per measurement.</summary>
    public const string CurvesName = "curves.csv";

    /// <summary>Name of the folder with one run for TensorBoard per architecture and seed.</summary>
    public const string EventsName = "tensorboard";

    /// <summary>Name of the folder with the charts as SVG and PNG.</summary>
    public const string PlotsName = "plots";

    /// <summary>Writes everything; existing files are replaced.</summary>
    /// <returns>The study with the relative file of each image and sound filled in.</returns>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    public static ComparisonStudy Write(string folder, ComparisonStudy study)
    {
        var media = new ReportMedia(study.Samples, study.ImageTokenizer, study.Speech).WrittenTo(folder);
        study = study with { Samples = media.Samples, ImageTokenizer = media.ImageTokenizer, Speech = media.Speech };
        JsonFile.Write(Path.Combine(folder, JsonName), study, StudyJson.Default.ComparisonStudy);
        AtomicFile.WriteText(Path.Combine(folder, HtmlName), HtmlReport.Render(study));
        AtomicFile.WriteText(Path.Combine(folder, ResultsName), StudyCsv.Results(study));
        AtomicFile.WriteText(Path.Combine(folder, CurvesName), StudyCsv.Curves(study));
        StudyEvents.Write(Path.Combine(folder, EventsName), study);
        StudyPlots.Write(Path.Combine(folder, PlotsName), study);
        SavingsPlots.Write(Path.Combine(folder, PlotsName), [(null, study)]);
        return study;
    }

    /// <summary>Reads <c>compare.json</c> and the images and sounds it names.</summary>
    /// <exception cref="MotException">A file is missing or damaged, or one lies outside the folder.</exception>
    public static ComparisonStudy Read(string folder)
    {
        var study = JsonFile.Read(Path.Combine(folder, JsonName), StudyJson.Default.ComparisonStudy);
        var media = new ReportMedia(study.Samples, study.ImageTokenizer, study.Speech).ReadFrom(folder);
        return study with { Samples = media.Samples, ImageTokenizer = media.ImageTokenizer, Speech = media.Speech };
    }
}
