using System.Collections.Immutable;
using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well speech is kept, heard and spoken.</summary>
internal static class SpeechTable
{
    public static ReportTable Of(SpeechQuality speech)
    {
        var hasRecognizer = speech.OriginalRecognized is not null;
        Column[] columns =
        [
            new("Written down right", "Share of the held-out recordings that the model writes down without an error, greedily.", m => m.HeardRight),
            new("Word error rate", "Words put in, left out or replaced in those transcripts, per word that was said.", m => m.WordErrorRate),
            .. hasRecognizer ? [new Column("Recognized", "Share that a classifier recognizes which was trained on original recordings of the training side alone: of the recordings, of the recordings encoded to tokens and decoded again, and of words that the model speaks.",
                m => m.SpokenRecognized) { Recordings = speech.OriginalRecognized, Decoded = speech.DecodedRecognized, ByGriffinLim = speech.GriffinLimRecognized }] : Array.Empty<Column>(),
            .. speech.Models.Any(m => m.SeenRecognized is not null) ? [new Column("Said of images", "Share of held-out images of which the classifier hears their caption in what the model says of them.", m => m.SeenRecognized)] : Array.Empty<Column>(),
            .. speech.OriginalMatched is null ? Array.Empty<Column>() : [new Column("Drawn from speech", "Share of held-out recordings whose words fit, of all held-out words, the drawing best that the model makes of them; first the images that belong to them. A matcher judges that was trained on images and captions of the training side alone.",
                m => m.DrawnMatched) { Recordings = speech.OriginalMatched }],
        ];
        ImmutableArray<TableCell> Row(string name, Func<Column, string> cell) => [new TableCell(name), .. columns.Select(c => new TableCell(cell(c)))];
        return new($"Speech: {speech.HeldOutClips} held-out recordings{(hasRecognizer ? $" of {speech.RecognizedWords.Length} words" : "")}",
        [
            new("", "What is judged.", IsNumber: false),
            .. columns.Select(c => new TableColumn(c.Header, c.Explanation)),
        ],
        [
            .. columns.Any(c => c.Recordings is not null) ? [Row("Recordings", c => Known(c.Recordings))] : Array.Empty<ImmutableArray<TableCell>>(),
            .. hasRecognizer ? [Row("Encoded and decoded", c => Known(c.Decoded))] : Array.Empty<ImmutableArray<TableCell>>(),
            .. speech.GriffinLimRecognized is null ? Array.Empty<ImmutableArray<TableCell>>() : [Row("Decoded by Griffin-Lim", c => Known(c.ByGriffinLim))],
            .. speech.Models.Select(m => Row(ArchitectureNames.Label(m.Architecture), c => c.Of(m) is { } share ? Percent(share) : "-")),
        ]);
    }

    private static string Known(double? share) => share is { } s ? Percent(s) : "";

    private static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + "%";

    /// <param name="Header">Its name.</param>
    /// <param name="Explanation">What it says.</param>
    /// <param name="Of">The share of a model, 0 to 1.</param>
    private sealed record Column(string Header, string Explanation, Func<ModelSpeechQuality, double?> Of)
    {
        public double? Recordings { get; init; }

        public double? Decoded { get; init; }

        public double? ByGriffinLim { get; init; }
    }
}
