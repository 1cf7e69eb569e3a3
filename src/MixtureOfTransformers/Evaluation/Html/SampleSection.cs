using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>What the models generate: images from captions, captions from images, speech from words, transcripts of speech, images from speech, speech from
/// images.</summary>
internal static class SampleSection
{
    public static Markup Render(ImmutableArray<ReportSample> samples)
    {
        var images = samples.Where(s => s.Direction == SampleDirection.CaptionToImage).ToArray();
        var captions = samples.Where(s => s.Direction == SampleDirection.ImageToCaption).ToArray();
        var spoken = samples.Where(s => s.Direction == SampleDirection.TextToSpeech).ToArray();
        var heard = samples.Where(s => s.Direction == SampleDirection.SpeechToText).ToArray();
        var drawn = samples.Where(s => s.Direction == SampleDirection.SpeechToImage).ToArray();
        var told = samples.Where(s => s.Direction == SampleDirection.ImageToSpeech).ToArray();
        return Markup.Of($"""
            {(images.Length == 0 ? default : Markup.Of($"""
            <section id="images"><h2>Images from captions</h2><p class="note">Each image was generated from the caption above it. “Data” is the image that belongs to the caption.</p><div class="gallery{(images.Max(s => s.Generated.Length) > 3 ? " wide" : "")}">
            {images.Select(s => Images(s, default))}</div></section>
            """))}{Filmstrips(images)}{(captions.Length == 0 ? default : Markup.Of($"""
            <section id="captions"><h2>Captions from images</h2><p class="note">Each caption was generated from the image beside it. “Data” is the caption that belongs to the image.</p><div class="gallery">
            {captions.Select(Captions)}</div></section>
            """))}{(spoken.Length == 0 ? default : Markup.Of($"""
            <section id="spoken"><h2>Speech from text</h2><p class="note">Each recording was generated from the words above it. “Data” is a recording of them. The pictures show time to the right and frequency upwards.</p><div class="gallery">
            {spoken.Select(s => Spoken(s, default))}</div></section>
            """))}{(heard.Length == 0 ? default : Markup.Of($"""
            <section id="transcripts"><h2>Transcripts of speech</h2><p class="note">Each transcript was generated from the recording beside it. “Data” is what is said.</p><div class="gallery">
            {heard.Select(Captions)}</div></section>
            """))}{(drawn.Length == 0 ? default : Markup.Of($"""
            <section id="drawn-speech"><h2>Images from speech</h2><p class="note">Each image was generated from the recording above it alone. “Data” is the image that belongs to it.</p><div class="gallery">
            {drawn.Select(s => Images(s, Heard(s)))}</div></section>
            """))}{(told.Length == 0 ? default : Markup.Of($"""
            <section id="spoken-images"><h2>Speech from images</h2><p class="note">Each recording was generated from the image above it alone. “Data” is the recording that belongs to it.</p><div class="gallery">
            {told.Select(s => Spoken(s, Seen(s)))}</div></section>
            """))}
            """);
    }

    /// <summary>Denoised images in the making.</summary>
    private static Markup Filmstrips(ReportSample[] images) => images.All(s => s.Generated.All(g => g.Steps.IsEmpty)) ? default : Markup.Of($"""
        <section id="steps"><h2>Images in the making</h2><p class="note">Each image begins as noise. Shown is the image that the model has in mind, from the first steps to the last.</p>
        {images.Select(sample => Markup.Of($"""
        <article class="sample"><p class="prompt">{sample.Caption}</p>{sample.Generated.Where(g => !g.Steps.IsEmpty).Select(g => Markup.Of($"""
        <div class="pictures film">{g.Steps.Select((step, i) => Picture(step, i == 0 ? ArchitectureNames.Label(g.Architecture) : null, $"{ArchitectureNames.Label(g.Architecture)}: “{sample.Caption}” after part {i + 1} of {g.Steps.Length} of the steps"))}</div>
        """))}</article>
        """))}</section>
        """);

    private static Markup Heard(ReportSample sample) => Markup.Of($"""<div class="sounds">{Sound(sample.Sound, null, $"From the data: {sample.Caption}")}</div>""");

    private static Markup Seen(ReportSample sample) => Markup.Of($"""<div class="pictures">{Picture(sample.Image, null, $"From the data: {sample.Caption}")}</div>""");

    /// <param name="sample">The sample.</param>
    /// <param name="given">What the images were generated from, where it is more than the caption.</param>
    private static Markup Images(ReportSample sample, Markup given) => Markup.Of($"""
        <article class="sample"><p class="prompt">{sample.Caption}</p>{given}<div class="pictures">
        {sample.Generated.Select(g => Picture(g.Image, ArchitectureNames.Label(g.Architecture), $"{ArchitectureNames.Label(g.Architecture)}: image generated for “{sample.Caption}”"))}{(sample.Image is null
            ? default : Picture(sample.Image, "Data", $"From the data: {sample.Caption}"))}</div></article>

        """);

    private static Markup Spoken(ReportSample sample, Markup given) => Markup.Of($"""
        <article class="sample"><p class="prompt">{sample.Caption}</p>{given}<div class="sounds">
        {sample.Generated.Select(g => Sound(g.Sound, ArchitectureNames.Label(g.Architecture), $"{ArchitectureNames.Label(g.Architecture)}: speech generated for “{sample.Caption}”"))}{(sample.Sound is null
            ? default : Sound(sample.Sound, "Data", $"From the data: {sample.Caption}"))}</div></article>

        """);

    private static Markup Captions(ReportSample sample) => Markup.Of($"""
        <article class="sample captioned">{(sample.Sound is null ? Picture(sample.Image, null, $"From the data: {sample.Caption}") : Sound(sample.Sound, null, $"From the data: {sample.Caption}"))}<dl>
        {sample.Generated.Select(g => Markup.Of($"<dt>{ArchitectureNames.Label(g.Architecture)}</dt><dd>{Caption(g.Caption)}</dd>"))}<dt class="faint">Data</dt><dd class="faint">{sample.Caption}</dd></dl></article>

        """);

    private static Markup Caption(string? caption) => string.IsNullOrWhiteSpace(caption) ? Markup.Of($"<i>nothing came</i>") : Markup.Of($"{caption}");

    /// <summary>A spectrogram with a player under it.</summary>
    public static Markup Sound(ReportSound? sound, string? label, string alternative) => Markup.Of($"""
        <figure class="sound">{(sound is null ? Markup.Of($"""<span class="missing">no sound</span>""") : Markup.Of($"""<img src="{sound.Spectrogram.DataUri}" alt="{alternative}"><audio controls preload="metadata" src="{sound.DataUri}"></audio>"""))}{(label is null
            ? default : Markup.Of($"<figcaption>{label}</figcaption>"))}</figure>

        """);

    public static Markup Picture(ReportImage? image, string? label, string alternative) => Markup.Of($"""
        <figure class="picture">{(image is null || image.Png.IsEmpty ? Markup.Of($"""<span class="missing">no image</span>""") : Markup.Of($"""<img src="{image.DataUri}" alt="{alternative}">"""))}{(label is null
            ? default : Markup.Of($"<figcaption>{label}</figcaption>"))}</figure>

        """);
}
