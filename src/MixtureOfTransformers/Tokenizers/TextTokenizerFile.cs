using System.Text.Encodings.Web;
using System.Text.Json;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>A text tokenizer on disk: Hugging Face's <c>tokenizer.json</c>, and <c>tokenizer_config.json</c> for programs that want one.</summary>
internal static class TextTokenizerFile
{
    private const string FileName = "tokenizer.json";

    private static readonly JsonWriterOptions _indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Save(TextTokenizer tokenizer, string folder)
    {
        AtomicFile.WriteBytes(Path.Combine(folder, FileName), Serialize(tokenizer));
        AtomicFile.WriteBytes(Path.Combine(folder, "tokenizer_config.json"), Write(json =>
        {
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            json.WriteString("bos_token", SpecialTokens.BeginOfSequence);
            json.WriteString("eos_token", SpecialTokens.EndOfSequence);
            json.WriteString("pad_token", SpecialTokens.Padding);
            json.WriteStartArray("additional_special_tokens");
            foreach (var token in tokenizer.Specials.Except([SpecialTokens.BeginOfSequence, SpecialTokens.EndOfSequence, SpecialTokens.Padding]))
                json.WriteStringValue(token);
            json.WriteEndArray();
            json.WriteBoolean("clean_up_tokenization_spaces", false);
        }));
    }

    public static byte[] Serialize(TextTokenizer tokenizer) => Write(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (var token in tokenizer.Specials)
        {
            json.WriteStartObject();
            json.WriteNumber("id", tokenizer.SpecialId(token));
            json.WriteString("content", token);
            foreach (var flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"])
                json.WriteBoolean(flag, false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNull("normalizer");
        WriteByteLevel(json, "pre_tokenizer");
        json.WriteNull("post_processor");
        WriteByteLevel(json, "decoder");
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var name in (ReadOnlySpan<string>)["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            json.WriteNull(name);
        foreach (var name in (ReadOnlySpan<string>)["fuse_unk", "byte_fallback", "ignore_merges"])
            json.WriteBoolean(name, false);
        json.WriteStartObject("vocab");
        for (var id = 0; id < tokenizer.Count; id++)
            json.WriteNumber(tokenizer.Tokens[id], id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in tokenizer.Merges)
            json.WriteStringValue($"{left} {right}");
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static TextTokenizer Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new MotException($"{path} does not exist; {folder} holds no text tokenizer");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new() { AllowDuplicateProperties = false });
            return Parse(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CorruptFileException(path, $"this is not a tokenizer.json: {error.Message}", error);
        }
        catch (MotException error)
        {
            throw new CorruptFileException(path, error.Message, error);
        }
    }

    private static TextTokenizer Parse(JsonElement root)
    {
        var model = root.GetProperty("model");
        var split = root.GetProperty("pre_tokenizer");
        if (Text(model, "type") is not (null or "BPE") || Text(split, "type") != "ByteLevel" || Flag(split, "add_prefix_space", true) || !Flag(split, "use_regex", true)
            || root.TryGetProperty("normalizer", out var normalizer) && normalizer.ValueKind != JsonValueKind.Null
            || Flag(model, "byte_fallback", false) || Flag(model, "ignore_merges", false))
            throw new MotException("only BPE with a ByteLevel pre-tokenizer (regular expression on, prefix space off) and no normalizer is supported");

        var idOf = model.GetProperty("vocab").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32());
        var specials = new HashSet<string>();
        foreach (var added in root.GetProperty("added_tokens").EnumerateArray())
        {
            var token = Text(added, "content") ?? throw new JsonException("an added token has no content");
            var id = added.GetProperty("id").GetInt32();
            if (!idOf.TryAdd(token, id) && idOf[token] != id)
                throw new MotException($"the added token '{token}' has two ids, {id} and {idOf[token]}");
            specials.Add(token);
        }
        var tokens = new string?[idOf.Count];
        foreach (var (token, id) in idOf)
            if ((uint)id >= (uint)tokens.Length || tokens[id] is not null)
                throw new MotException($"the ids of {tokens.Length} tokens must be 0 to {tokens.Length - 1}, each once; '{token}' has {id}");
            else
                tokens[id] = token;
        return new(tokens!, specials, [.. model.GetProperty("merges").EnumerateArray().Select(Merge)]);
    }

    /// <summary>Either "left right" or ["left", "right"]; both are in use.</summary>
    private static (string, string) Merge(JsonElement merge)
    {
        var parts = merge.ValueKind == JsonValueKind.Array ? [.. merge.EnumerateArray().Select(p => p.GetString() ?? "")] : (merge.GetString() ?? "").Split(' ');
        return parts is [var left, var right] ? (left, right) : throw new JsonException($"{merge.GetRawText()} is no merge");
    }

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool Flag(JsonElement parent, string name, bool otherwise) => parent.TryGetProperty(name, out var value) ? value.GetBoolean() : otherwise;

    private static void WriteByteLevel(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _indented))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
