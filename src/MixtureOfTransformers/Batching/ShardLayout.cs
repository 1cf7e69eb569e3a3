namespace MixtureOfTransformers.Batching;

/// <summary>The bytes of a shard, little-endian: a header of 32 bytes (magic, version, numbers of a vector or zero, token count, document count), then the first token of each document
/// and the token count once more (int64), the ids (int32), the modality indices (one byte each). Where some tokens are vectors there follow, from the next multiple of 8 bytes on, the first vector of
/// each document and the vector count once more (int64), and the numbers of the vectors (float16).</summary>
internal static class ShardLayout
{
    public const int HeaderLength = 32;
    public const int Version = 1;

    public static ReadOnlySpan<byte> Magic => "MOTSHARD"u8;

    public static long OffsetsStart => HeaderLength;

    public static long IdsStart(long documents) => HeaderLength + 8 * (documents + 1);

    public static long ModalitiesStart(long documents, long tokens) => IdsStart(documents) + 4 * tokens;

    public static long FileLength(long documents, long tokens) => ModalitiesStart(documents, tokens) + tokens;

    public static long VectorOffsetsStart(long documents, long tokens) => (FileLength(documents, tokens) + 7) / 8 * 8;

    public static long VectorsStart(long documents, long tokens) => VectorOffsetsStart(documents, tokens) + 8 * (documents + 1);

    public static long FileLength(long documents, long tokens, long vectors, int vectorLength) => VectorsStart(documents, tokens) + 2 * vectors * vectorLength;
}
