using System.Collections.Immutable;
using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Tokenizers.Speech;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class TokenizerSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TokenizerSet _set = new(Text(300), SampleImages.Train());

    public void Dispose()
    {
        _set.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void VocabularyIsTextThenImageCodes()
    {
        var vocabulary = _set.Vocabulary;
        Assert.Equal(_set.Text.Count + 16, vocabulary.Size);
        var image = vocabulary.Range(ModalityId.Image);
        Assert.Equal((_set.Text.Count, 16, 8), (image.Offset, image.Count, image.BlockLength));
        Assert.Equal((3, 4), (image.BeginId, image.EndId));
        Assert.Equal((0, 1, 2), (vocabulary.BeginOfSequence, vocabulary.EndOfSequence, vocabulary.Padding));
        Assert.Equal(0, vocabulary.ModalityIndexOf(image.BeginId));
        Assert.Equal(1, vocabulary.ModalityIndexOf(image.Offset));
    }

    [Fact]
    public void SavedSetIsTheSame()
    {
        _set.Save(_folder.Path);
        using var opened = TokenizerSet.Open(_folder.Path);
        Assert.Equal(_set.Fingerprint, opened.Fingerprint);
        Assert.Equal(_set.Vocabulary.Size, opened.Vocabulary.Size);
        Assert.Equal(["image", "text", "vocabulary.json"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        _set.Save(_folder.Path);
        using var again = TokenizerSet.Open(_folder.Path);
        Assert.Equal(_set.Fingerprint, again.Fingerprint);
    }

    [Fact]
    public void LatentsOfAVaeStandInThePlaceOfCodes()
    {
        using var set = new TokenizerSet(Text(300), null, patches: new LatentPatcher(SampleImages.TrainVae(), 2));
        set.Save(_folder.Path);
        using var opened = TokenizerSet.Open(_folder.Path);
        Assert.Equal(set.Fingerprint, opened.Fingerprint);
        Assert.Equal([new ImageShape(16, 8, 3)], opened.ImageShapes);
        var range = opened.Vocabulary.VectorRange!;
        Assert.Equal((1, 2, 16, 4, 2), (range.Count, range.BlockLength, range.VectorLength, range.VectorChannels, range.GridColumns));
        var image = SampleImages.Rectangles(1, 9);
        Assert.Equal(set.Patches!.Encode(image)[0].Numbers, opened.Patches!.Encode(image)[0].Numbers);
    }

    [Fact]
    public void PatchesThatDoNotSayHowTheyAreCutStillOpen()
    {
        using var set = new TokenizerSet(Text(300), null, patches: new ImagePatcher(new() { ImageWidth = 8, ImageHeight = 8, Channels = 3, PatchSize = 4 }));
        set.Save(_folder.Path);
        var lines = File.ReadAllLines(_folder.File("vocabulary.json"));
        File.WriteAllText(_folder.File("vocabulary.json"), string.Join('\n', lines.Where(l => !l.Contains("grid_columns") && !l.Contains("vector_channels"))).Replace("\"vector_length\": 48,", "\"vector_length\": 48"));
        using var opened = TokenizerSet.Open(_folder.Path);
        Assert.Equal((48, 0), (opened.Vocabulary.VectorRange!.VectorLength, opened.Vocabulary.VectorRange.GridColumns));
    }

    [Fact]
    public void TextAloneWorks()
    {
        using var text = new TokenizerSet(Text(300), null);
        text.Save(_folder.Path);
        using var opened = TokenizerSet.Open(_folder.Path);
        Assert.Null(opened.Image);
        Assert.Equal([ModalityId.Text], opened.Vocabulary.Modalities);
        Assert.NotEqual(_set.Fingerprint, opened.Fingerprint);
    }

    [Fact]
    public void SpeechIsTheThirdModality()
    {
        var text = BytePairTrainer.Train(SampleText.Sentences(100, seed: 1), new() { VocabularySize = 300 }, [ModalityId.Image, ModalityId.Speech]);
        using var set = new TokenizerSet(text, SampleImages.Train(), SampleSpeech.Train());
        set.Save(_folder.Path);
        using var opened = TokenizerSet.Open(_folder.Path);
        Assert.Equal(set.Fingerprint, opened.Fingerprint);
        Assert.Equal([ModalityId.Text, ModalityId.Image, ModalityId.Speech], opened.Vocabulary.Modalities);
        var speech = opened.Vocabulary.Range(ModalityId.Speech);
        Assert.Equal((text.Count + 16, 12, 5, 6, 0), (speech.Offset, speech.Count, speech.BeginId, speech.EndId, speech.BlockLength));
        Assert.Equal((0, 2), (opened.Vocabulary.ModalityIndexOf(speech.BeginId), opened.Vocabulary.ModalityIndexOf(speech.Offset + 11)));
    }

    [Fact]
    public void SpeechWithoutImagesComesRightAfterText()
    {
        using var set = new TokenizerSet(BytePairTrainer.Train(["x"], new(), [ModalityId.Speech]), null, SampleSpeech.Train());
        Assert.Equal([ModalityId.Text, ModalityId.Speech], set.Vocabulary.Modalities);
        using var speech = SampleSpeech.Train();
        Assert.Contains("'<begin_speech>'", Assert.Throws<MotException>(() => new TokenizerSet(Text(300), null, speech)).Message);
    }

    [Fact]
    public void OverridesOfTheUserAreKept()
    {
        _set.Save(_folder.Path);
        var vocabulary = _set.Vocabulary with { Overrides = ImmutableDictionary<int, ModalityId>.Empty.Add(3, ModalityId.Image) };
        File.WriteAllText(_folder.File("vocabulary.json"), JsonSerializer.Serialize(vocabulary, TokenizersJson.Default.Vocabulary));
        using var opened = TokenizerSet.Open(_folder.Path);
        Assert.Equal(1, opened.Vocabulary.ModalityIndexOf(3));
        Assert.NotEqual(_set.Fingerprint, opened.Fingerprint);
    }

    [Fact]
    public void ReplacedTokenizersAreNoticed()
    {
        _set.Save(_folder.Path);
        Text(280 + 25).Save(_folder.File("text"));
        Assert.Contains("does not belong to the tokenizers", Assert.Throws<MotException>(() => TokenizerSet.Open(_folder.Path)).Message);
    }

    [Fact]
    public void EqualShapesOfOtherContentHaveOtherFingerprints()
    {
        using var other = new TokenizerSet(_set.Text, SampleImages.Train(seed: 2));
        Assert.NotEqual(_set.Fingerprint, other.Fingerprint);
        _set.Require(_set.Fingerprint, "the run");
        Assert.Contains("the run belongs to other tokenizers", Assert.Throws<MotException>(() => _set.Require(other.Fingerprint, "the run")).Message);
    }

    [Fact]
    public void MissingPartsAreNamed()
    {
        Assert.Contains("holds no tokenizers", Assert.Throws<MotException>(() => TokenizerSet.Open(_folder.Path)).Message);
        _set.Save(_folder.Path);
        File.Delete(_folder.File("image/model.safetensors"));
        Assert.Contains("model.safetensors", Assert.Throws<MotException>(() => TokenizerSet.Open(_folder.Path)).Message);
    }

    [Fact]
    public void FailedSaveLeavesTheOldSet()
    {
        _set.Save(_folder.Path);
        var disposed = new TokenizerSet(Text(310), SampleImages.Train(seed: 3));
        disposed.Dispose();
        Assert.ThrowsAny<Exception>(() => disposed.Save(_folder.Path));
        using var opened = TokenizerSet.Open(_folder.Path);
        Assert.Equal(_set.Fingerprint, opened.Fingerprint);
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void ImagesNeedTheirMarkersInTheText()
    {
        var text = BytePairTrainer.Train(["x"], new(), []);
        using var image = SampleImages.Train();
        Assert.Contains("'<boi>'", Assert.Throws<MotException>(() => new TokenizerSet(text, image)).Message);
    }

    private static TextTokenizer Text(int size) => BytePairTrainer.Train(SampleText.Sentences(100, seed: 1), new() { VocabularySize = size });
}
