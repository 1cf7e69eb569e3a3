using System.Text.Json.Serialization;
using MixtureOfTransformers.Data.Audio;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A recording in a report, with its picture. The JSON names their files; the bytes lie beside it.</summary>
/// <param name="Wav">The content of a WAV file; shared, not copied.</param>
/// <param name="Spectrogram">Time to the right, frequency upwards.</param>
public sealed record ReportSound([property: JsonIgnore] ReadOnlyMemory<byte> Wav, ReportImage Spectrogram)
{
    /// <summary>Path relative to the report's folder, with '/'; null until <see cref="ReportFolder"/> writes it.</summary>
    public string? File { get; init; }

    /// <summary>The sound as a <c>data:</c> address.</summary>
    [JsonIgnore]
    public string DataUri => $"data:audio/wav;base64,{Convert.ToBase64String(Wav.Span)}";

    /// <summary>For the JSON reader; the bytes are read by <see cref="ReportFolder"/>.</summary>
    [JsonConstructor]
    public ReportSound(string? file, ReportImage spectrogram) : this(ReadOnlyMemory<byte>.Empty, spectrogram) => File = file;

    /// <summary>A clip for a report.</summary>
    internal static ReportSound Of(AudioClip clip) => new(WavFile.Encode(clip), ReportImage.Of(Speech.Spectrogram.Draw(clip)));
}
