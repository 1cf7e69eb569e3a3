using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MixtureOfTransformers.Data;

/// <summary>Decides a document's side by a hash, so that the same content is on the same side in every run, whatever the seed, order or count.</summary>
/// <remarks>The key is <see cref="Document.SplitKey"/>, or else the images' pixels, or else (no images) the speech's samples, or else (neither) the text, so that an image stays on its side
/// whatever is said about it. A larger fraction only moves documents from
/// training to validation, never the other way.</remarks>
public static class SplitRule
{
    /// <summary>The side of <paramref name="document"/>.</summary>
    /// <param name="document">The document.</param>
    /// <param name="validationFraction">Expected share of validation documents, 0 to 1.</param>
    public static DataSplit SideOf(Document document, double validationFraction)
    {
        var hash = document.SplitKey is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : ContentHash(document);
        var unit = (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * (1.0 / (1UL << 53));
        return unit < validationFraction ? DataSplit.Validation : DataSplit.Train;
    }

    private static byte[] ContentHash(Document document)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var images = document.Parts.OfType<ImagePart>().ToList();
        foreach (var image in images)
            hash.AppendData(image.Image.Samples);
        var speech = images.Count > 0 ? [] : document.Parts.OfType<SpeechPart>().ToList();
        foreach (var part in speech)
            hash.AppendData(MemoryMarshal.AsBytes<float>(part.Clip.Samples));
        if (images.Count == 0 && speech.Count == 0)
            foreach (var text in document.Parts.OfType<TextPart>())
                hash.AppendData(Encoding.UTF8.GetBytes(text.Text));
        return hash.GetHashAndReset();
    }
}
