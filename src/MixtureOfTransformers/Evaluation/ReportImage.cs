using System.Text.Json.Serialization;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A picture in a report. The JSON names its file; the bytes lie beside it.</summary>
/// <param name="Png">The content of a PNG file; shared, not copied.</param>
public sealed record ReportImage([property: JsonIgnore] ReadOnlyMemory<byte> Png)
{
    /// <summary>Path relative to the report's folder, with '/'; null until <see cref="ReportFolder"/> writes it.</summary>
    public string? File { get; init; }

    /// <summary>The picture as a <c>data:</c> address.</summary>
    [JsonIgnore]
    public string DataUri => $"data:image/png;base64,{Convert.ToBase64String(Png.Span)}";

    /// <summary>For the JSON reader; the bytes are read by <see cref="ReportFolder"/>.</summary>
    [JsonConstructor]
    public ReportImage(string? file) : this(ReadOnlyMemory<byte>.Empty) => File = file;

    /// <summary>A picture for a report.</summary>
    internal static ReportImage Of(PixelImage image) => new(ImageCodec.EncodePng(image));
}
