using System.Text;
using CsCheck;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class BytePairTrainerTests
{
    [Fact]
    public void MergesEqualThoseOfTheNaiveAlgorithm() => Gen.Char["aab  cé\n."].Array[1, 60].Select(c => new string(c)).List[1, 8].Sample(texts =>
    {
        var tokenizer = BytePairTrainer.Train(texts, new() { VocabularySize = 300 });
        Assert.Equal(NaiveMerges(texts, tokenizer.Count - 5 - 256, 300), tokenizer.Merges);
    }, iter: 300, threads: 1);

    [Fact]
    public void SpecialTokensComeFirstThenBytesThenMerges()
    {
        var tokenizer = BytePairTrainer.Train(["low low low lower"], new() { VocabularySize = 300 });
        Assert.Equal(["<s>", "</s>", "<pad>", "<boi>", "<eoi>"], tokenizer.Specials);
        Assert.Equal([0, 1, 2, 3, 4], tokenizer.Specials.Select(tokenizer.SpecialId));
        Assert.Equal("a", tokenizer.Decode([5 + 'a']));
        Assert.Equal("lo", tokenizer.Decode([5 + 256]));
    }

    [Fact]
    public void OtherModalitiesGetTheirMarkers()
    {
        var tokenizer = BytePairTrainer.Train(["x"], new(), [ModalityId.Image, ModalityId.Speech]);
        Assert.Equal(["<s>", "</s>", "<pad>", "<boi>", "<eoi>", "<begin_speech>", "<end_speech>"], tokenizer.Specials);
    }

    [Fact]
    public void OrderOfTextsDoesNotMatter()
    {
        string[] texts = [.. SampleText.Sentences(200, seed: 1)];
        var forwards = BytePairTrainer.Train(texts, new() { VocabularySize = 400 });
        var backwards = BytePairTrainer.Train(texts.Reverse(), new() { VocabularySize = 400 });
        Assert.Equal(forwards.Fingerprint, backwards.Fingerprint);
    }

    [Fact]
    public void StopsWhenNoPairRepeats()
    {
        var tokenizer = BytePairTrainer.Train(["abc"], new() { VocabularySize = 1000 });
        Assert.Equal(5 + 256, tokenizer.Count);
    }

    [Fact]
    public void TextBeyondTheLimitIsIgnored()
    {
        var seen = BytePairTrainer.Train(["abab abab"], new() { VocabularySize = 300 });
        var limited = BytePairTrainer.Train(["abab abab zzzz zzzz zzzz zzzz"], new() { VocabularySize = 300, MaxTrainingBytes = 9 });
        Assert.Equal(seen.Fingerprint, limited.Fingerprint);
    }

    [Fact]
    public void NoTextAndBadOptionsAreRefused()
    {
        Assert.Throws<MotException>(() => BytePairTrainer.Train([""], new()));
        Assert.Throws<ConfigException>(() => BytePairTrainer.Train(["x"], new() { VocabularySize = 100 }));
        Assert.Throws<ConfigException>(() => BytePairTrainer.Train(["x"], new() { MaxTrainingBytes = 0 }));
    }

    [Fact]
    public void CancellationStopsTheTraining() =>
        Assert.Throws<OperationCanceledException>(() => BytePairTrainer.Train(["some text"], new(), null, new CancellationToken(canceled: true)));

    /// <summary>Counts every pair anew for each merge.</summary>
    private static List<(string, string)> NaiveMerges(IEnumerable<string> texts, int tokenCount, int vocabularySize)
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(b => ByteAlphabet.CharacterOf((byte)b).ToString())];
        List<List<string>> words = [.. texts.SelectMany(t => TextSplit.Words.Matches(t)).Select(m => Encoding.UTF8.GetBytes(m.Value).Select(b => tokens[b]).ToList())];
        var merges = new List<(string, string)>();
        while (tokens.Count < vocabularySize - 5)
        {
            var best = words.SelectMany(w => w.Zip(w.Skip(1))).GroupBy(p => p).Where(g => g.Count() > 1)
                .OrderByDescending(g => g.Count()).ThenBy(g => tokens.IndexOf(g.Key.First)).ThenBy(g => tokens.IndexOf(g.Key.Second)).FirstOrDefault();
            if (best is null)
                break;
            var (left, right) = best.Key;
            merges.Add(best.Key);
            if (!tokens.Contains(left + right))
                tokens.Add(left + right);
            foreach (var word in words)
                MergeIn(word, left, right);
        }
        Assert.Equal(tokenCount, tokens.Count - 256);
        return merges;
    }

    private static void MergeIn(List<string> word, string left, string right)
    {
        for (var i = 0; i + 1 < word.Count; i++)
            if (word[i] == left && word[i + 1] == right)
            {
                word[i] = left + right;
                word.RemoveAt(i + 1);
            }
    }
}
