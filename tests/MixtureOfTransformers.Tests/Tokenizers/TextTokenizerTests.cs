using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class TextTokenizerTests : IDisposable
{
    private static readonly TextTokenizer _tokenizer = BytePairTrainer.Train(SampleText.Sentences(500, seed: 3).Append("<boi> <s> don't\n\n  été 🙂🙂"), new() { VocabularySize = 400 });

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a small red circle")]
    [InlineData("low low")]
    [InlineData("  two   spaces\t\ttabs \n\n\r\n lines ")]
    [InlineData("don't they'LL I'm")]
    [InlineData("🙂👩‍👩‍👧‍👦🏳️‍🌈 e\u0301 \u0000 \uFFFD \uFEFF日本語テキスト العربية")]
    [InlineData("<s></s><pad><boi><eoi>")]
    public void TextComesBack(string text) => Assert.Equal(text, _tokenizer.Decode(_tokenizer.Encode(text)));

    [Fact]
    public void AnyUnicodeComesBack() => Gen.OneOf(Gen.Int[0, 0x7f], Gen.Int[0x80, 0xD7FF], Gen.Int[0xE000, 0x10FFFF]).Array[0, 60].Sample(runes =>
    {
        var text = string.Concat(runes.Select(r => new Rune(r)));
        Assert.Equal(text, _tokenizer.Decode(_tokenizer.Encode(text)));
    }, iter: 3000, threads: 1);

    [Fact]
    public void AnyStringComesBackWithLoneSurrogatesReplaced() => Gen.OneOf(Gen.Char['\uD800', '\uDFFF'], Gen.Char[' ', 'd']).Array[0, 12].Sample(chars =>
    {
        var text = new string(chars);
        var replaced = Encoding.Unicode.GetString(Encoding.Unicode.GetBytes(text));
        Assert.Equal(replaced, _tokenizer.Decode(_tokenizer.Encode(text)));
    }, iter: 3000, threads: 1);

    [Fact]
    public void TextNeverBecomesASpecialToken()
    {
        var specials = _tokenizer.Specials.Select(_tokenizer.SpecialId).ToHashSet();
        Gen.OneOf(Gen.OneOf([.. _tokenizer.Specials.Select(Gen.Const)]), Gen.Char[" <>/sa"].Select(c => c.ToString())).Array[1, 10].Select(string.Concat)
            .Sample(text => Assert.DoesNotContain(_tokenizer.Encode(text), specials.Contains), iter: 500, threads: 1);
    }

    [Fact]
    public void EncodingAppliesMergesInOrder() => Gen.OneOf(Gen.Const(" small"), Gen.Const("red"), Gen.Const(" tri"), Gen.Const("."), Gen.Char["abcde rs"].Select(c => c.ToString())).Array[1, 12].Select(string.Concat).Sample(
        text => Assert.Equal(NaiveEncode(text), _tokenizer.Encode(text).Select(id => _tokenizer.Tokens[id])), iter: 1000, threads: 1);

    [Fact]
    public void SpecialTokensAreSkippedOrNamed()
    {
        int[] ids = [_tokenizer.BeginOfSequence, .. _tokenizer.Encode("red"), _tokenizer.SpecialId("<boi>"), _tokenizer.EndOfSequence];
        Assert.Equal("red", _tokenizer.Decode(ids));
        Assert.Equal("<s>red<boi></s>", _tokenizer.Decode(ids, skipSpecials: false));
    }

    [Fact]
    public void CutCharactersDecodeToTheReplacementCharacter()
    {
        var ids = _tokenizer.Encode("é日");
        Assert.Equal("é\uFFFD", _tokenizer.Decode(ids.AsSpan()[..^1]));
    }

    [Fact]
    public void ForeignIdsAreRefused()
    {
        Assert.Contains("400", Assert.Throws<MotException>(() => _tokenizer.Decode([400])).Message);
        Assert.Throws<MotException>(() => _tokenizer.Decode([-1]));
        Assert.Contains("<begin_speech>", Assert.Throws<MotException>(() => _tokenizer.SpecialId("<begin_speech>")).Message);
    }

    [Fact]
    public void SavedTokenizerEncodesAlike()
    {
        _tokenizer.Save(_folder.Path);
        var loaded = TextTokenizer.Load(_folder.Path);
        Assert.Equal(_tokenizer.Fingerprint, loaded.Fingerprint);
        const string text = "a tiny 🙂 blue square; <eoi>\n";
        Assert.Equal(_tokenizer.Encode(text), loaded.Encode(text));
        Assert.Equal(_tokenizer.Specials, loaded.Specials);
    }

    [Fact]
    public void FileIsInTheHuggingFaceLayout()
    {
        _tokenizer.Save(_folder.Path);
        var file = JsonNode.Parse(File.ReadAllText(_folder.File("tokenizer.json")))!;
        Assert.Equal("BPE", (string?)file["model"]!["type"]);
        Assert.Equal("ByteLevel", (string?)file["pre_tokenizer"]!["type"]);
        Assert.Equal("ByteLevel", (string?)file["decoder"]!["type"]);
        Assert.Equal(3, (int?)file["model"]!["vocab"]!["<boi>"]);
        Assert.Equal(_tokenizer.Merges.Length, file["model"]!["merges"]!.AsArray().Count);
        Assert.Equal("<boi>", (string?)file["added_tokens"]![3]!["content"]);
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("tokenizer_config.json")))!;
        Assert.Equal("</s>", (string?)config["eos_token"]);
    }

    [Fact]
    public void MergesWrittenAsPairsAreRead()
    {
        Edit(file => file["model"]!["merges"] = new JsonArray([.. file["model"]!["merges"]!.AsArray().Select(m => new JsonArray([.. ((string)m!).Split(' ').Select(p => (JsonNode)p)]))]));
        Assert.Equal(_tokenizer.Fingerprint, TextTokenizer.Load(_folder.Path).Fingerprint);
    }

    [Fact]
    public void UnsupportedAndDamagedFilesAreRefused()
    {
        Assert.Contains("holds no text tokenizer", Assert.Throws<MotException>(() => TextTokenizer.Load(_folder.Path)).Message);
        Assert.Contains("only BPE", Refusal(file => file["model"]!["type"] = "Unigram"));
        Assert.Contains("only BPE", Refusal(file => file["pre_tokenizer"]!["type"] = "Metaspace"));
        Assert.Contains("only BPE", Refusal(file => file["normalizer"] = new JsonObject { ["type"] = "NFC" }));
        Assert.Contains("lacks the byte 97", Refusal(file => Rename(file["model"]!["vocab"]!.AsObject(), "a", "ab_")));
        Assert.Contains("uses tokens that the vocabulary lacks", Refusal(file => file["model"]!["merges"]!.AsArray().Add((JsonNode)"q z")));
        Assert.Contains("each once", Refusal(file => file["model"]!["vocab"]!["a"] = 7));
        Assert.Contains("has no special token '</s>'", Refusal(file => { file["added_tokens"]!.AsArray().RemoveAt(1); Rename(file["model"]!["vocab"]!.AsObject(), "</s>", "xy"); }));
        Assert.Contains("is not a tokenizer.json", Refusal(file => file.AsObject().Remove("model")));
        var whole = File.ReadAllText(_folder.File("tokenizer.json"));
        File.WriteAllText(_folder.File("tokenizer.json"), whole[..^100]);
        Assert.Throws<CorruptFileException>(() => TextTokenizer.Load(_folder.Path));
    }

    private static void Rename(JsonObject parent, string from, string to)
    {
        var value = parent[from]!.DeepClone();
        parent.Remove(from);
        parent[to] = value;
    }

    private void Edit(Action<JsonNode> edit)
    {
        _tokenizer.Save(_folder.Path);
        var file = JsonNode.Parse(File.ReadAllText(_folder.File("tokenizer.json")))!;
        edit(file);
        File.WriteAllText(_folder.File("tokenizer.json"), file.ToJsonString());
    }

    private string Refusal(Action<JsonNode> edit)
    {
        Edit(edit);
        return Assert.Throws<CorruptFileException>(() => TextTokenizer.Load(_folder.Path)).Message;
    }

    private static IEnumerable<string> NaiveEncode(string text)
    {
        foreach (var match in TextSplit.Words.Matches(text).Cast<System.Text.RegularExpressions.Match>())
        {
            List<string> word = [.. Encoding.UTF8.GetBytes(match.Value).Select(b => ByteAlphabet.CharacterOf(b).ToString())];
            while (word.Zip(word.Skip(1)).Select(p => _tokenizer.Merges.IndexOf(p)).Where(rank => rank >= 0).DefaultIfEmpty(-1).Min() is >= 0 and var rank)
            {
                var i = Enumerable.Range(0, word.Count - 1).First(i => (word[i], word[i + 1]) == _tokenizer.Merges[rank]);
                word[i] += word[i + 1];
                word.RemoveAt(i + 1);
            }
            foreach (var token in word)
                yield return token;
        }
    }
}
