using System.Collections.Immutable;
using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well speech is kept, heard and spoken.</summary>
internal static class SpeechTable
{
    public static ReportTable Of(SpeechQuality speech)
    {
        var (hasRecognizer, hasImages) = (speech.OriginalRecognized is not null, speech.Models.Any(m => m.SeenRecognized is not null));
        string[] Seen(string cell) => hasImages ? [cell] : [];
        return new($"Speech: {speech.HeldOutClips} held-out recordings{(hasRecognizer ? $" of {speech.RecognizedWords.Length} words" : "")}",
        [
            new("", "What is judged.", IsNumber: false),
            new("Written down right", "Share of the held-out recordings that the model writes down without an error, greedily."),
            new("Word error rate", "Words put in, left out or replaced in those transcripts, per word that was said."),
            .. hasRecognizer ? [new TableColumn("Recognized", "Share that a classifier recognizes which was trained on original recordings of the training side alone: of the recordings, of the recordings encoded to tokens and decoded again, and of words that the model speaks.")] : Array.Empty<TableColumn>(),
            .. hasImages ? [new TableColumn("Said of images", "Share of held-out images of which the classifier hears their caption in what the model says of them.")] : Array.Empty<TableColumn>(),
        ],
        [
            .. hasRecognizer ? [Row(["Recordings", "", "", Percent(speech.OriginalRecognized), .. Seen("")]), Row(["Encoded and decoded", "", "", Percent(speech.DecodedRecognized), .. Seen("")])] : Array.Empty<ImmutableArray<TableCell>>(),
            .. speech.Models.Select(m => hasRecognizer
                ? Row([ArchitectureNames.Label(m.Architecture), Percent(m.HeardRight), Percent(m.WordErrorRate), Percent(m.SpokenRecognized), .. Seen(Percent(m.SeenRecognized))])
                : Row([ArchitectureNames.Label(m.Architecture), Percent(m.HeardRight), Percent(m.WordErrorRate)])),
        ]);
    }

    private static ImmutableArray<TableCell> Row(string[] cells) => [.. cells.Select(c => new TableCell(c))];

    private static string Percent(double? share) => share is { } s ? (100 * s).ToString("0.#", CultureInfo.InvariantCulture) + "%" : "-";
}
