using System.Text;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>An ONNX file by hand: the mean of each channel of images [N, 3, H, W], as [N, 3, 1, 1]. Protocol buffers, field by field as in onnx.proto.</summary>
internal static class TinyOnnx
{
    private const int Float = 1, Int64 = 7;

    /// <param name="batch">N; null for any.</param>
    /// <param name="size">H and W; null for any.</param>
    public static byte[] ChannelMeans(int? batch = null, int? size = null) => ChannelMeans(batch, size, size);

    /// <param name="batch">N; null for any.</param>
    /// <param name="height">H; null for any.</param>
    /// <param name="width">W; null for any.</param>
    public static byte[] ChannelMeans(int? batch, int? height, int? width) => Message(
        Number(1, 8), // ir_version
        Field(8, Message(Field(1, []), Number(2, 13))), // opset_import: domain, version
        Field(7, Message( // graph: node, name, input, output
            Field(1, Message(Text(1, "images"), Text(2, "means"), Text(4, "GlobalAveragePool"))),
            Text(2, "tiny"),
            Field(11, Value("images", Float, batch, 3, height, width)),
            Field(12, Value("means", Float, batch, 3, 1, 1)))));

    /// <summary>A CLIP of the usual inputs and outputs: an image is the mean of each channel, a text the three ids after its start, 0 where they do not count.</summary>
    /// <param name="size">Height and width of images; null for any.</param>
    public static byte[] Clip(int? size = null) => Message(
        Number(1, 8),
        Field(8, Message(Field(1, []), Number(2, 13))),
        Field(7, Message(
            Node("GlobalAveragePool", ["pixel_values"], "means"),
            Node("Flatten", ["means"], "image_embeds"),
            Node("Mul", ["input_ids", "attention_mask"], "seen"),
            Node("Cast", ["seen"], "floats", Field(5, Message(Text(1, "to"), Number(3, Float), Number(20, 2)))),
            Node("MatMul", ["floats", "places"], "text_embeds"),
            Text(2, "tiny"),
            Field(5, Message(Number(1, 77), Number(1, 3), Number(2, Float), Text(8, "places"), Field(9, [.. Enumerable.Range(0, 77 * 3).SelectMany(i => BitConverter.GetBytes(i / 3 == 1 + (i % 3) ? 1f : 0f))]))),
            Field(11, Value("input_ids", Int64, null, null)),
            Field(11, Value("pixel_values", Float, null, 3, size, size)),
            Field(11, Value("attention_mask", Int64, null, null)),
            Field(12, Value("image_embeds", Float, null, 3)),
            Field(12, Value("text_embeds", Float, null, 3)))));

    private static byte[] Node(string kind, string[] inputs, string output, params byte[] attribute) => Field(1, Message([.. inputs.Select(i => Text(1, i)), Text(2, output), Text(4, kind), attribute]));

    private static byte[] Value(string name, int type, params int?[] shape) => Message(Text(1, name), Field(2, Message(Field(1, Message(Number(1, type), Field(2, Message([.. shape.Select(Dimension)])))))));

    private static byte[] Dimension(int? size, int index) => Field(1, size is { } known ? Number(1, known) : Text(2, $"d{index}"));

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Text(int field, string value) => Field(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Field(int field, byte[] content) => [.. Varint((field << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(f => f)];

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value > 127; value >>= 7)
            yield return (byte)(value | 128);
        yield return (byte)value;
    }
}
