using static TorchSharp.torch;

namespace MixtureOfTransformers.Storage;

/// <summary>The element types of a safetensors file that torch can hold, under their names in the file.</summary>
internal static class SafetensorsType
{
    private static readonly (string Name, ScalarType Type, int ByteCount)[] _types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Names => string.Join(", ", _types.Select(t => t.Name));

    /// <summary>The type of that name; false when torch has none.</summary>
    public static bool TryParse(string name, out ScalarType type)
    {
        var found = Array.Find(_types, t => t.Name == name);
        type = found.Type;
        return found.Name is not null;
    }

    /// <summary>The name of <paramref name="type"/>.</summary>
    /// <exception cref="NotSupportedException">The format has no such type (complex and quantised tensors).</exception>
    public static string NameOf(ScalarType type) => Find(type).Name;

    /// <summary>Bytes per element.</summary>
    /// <exception cref="NotSupportedException">The format has no such type.</exception>
    public static int ByteCountOf(ScalarType type) => Find(type).ByteCount;

    /// <summary>Whether the type is one of the floating ones, which convert into each other.</summary>
    public static bool IsFloat(ScalarType type) => type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    private static (string Name, ScalarType Type, int ByteCount) Find(ScalarType type)
    {
        var found = Array.Find(_types, t => t.Type == type);
        return found.Name is not null ? found : throw new NotSupportedException($"a safetensors file cannot hold {type}; it can hold {Names}");
    }
}
