using MixtureOfTransformers.Data;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Training;

public sealed class RecipeVocabularyTests
{
    [Fact]
    public void ImagesAddTheirCodesToTheTextIds()
    {
        var recipe = new Recipe { Name = "scenes", TextTokenizer = new() { VocabularySize = 640 }, ImageTokenizer = new() { CodebookSize = 512 } };
        var vocabulary = RecipeVocabulary.Of(recipe);
        Assert.Equal(1152, vocabulary.Size);
        Assert.Equal([ModalityId.Text, ModalityId.Image], vocabulary.Modalities);
        Assert.Equal(64, vocabulary.Ranges[1].BlockLength); // 32 pixels in steps of 4
    }

    [Fact]
    public void PatchesAreCutFromPixelsOrFromLatents()
    {
        var recipe = new Recipe { Name = "patches", TextTokenizer = new() { VocabularySize = 640 }, ImagePatches = new() };
        var pixels = RecipeVocabulary.Of(recipe).VectorRange!;
        Assert.Equal((1, 64, 48), (pixels.Count, pixels.BlockLength, pixels.VectorLength)); // 4x4 pixels of RGB
        var latents = RecipeVocabulary.Of(recipe with { ImageVae = new() }).VectorRange!;
        Assert.Equal((1, 16, 32), (latents.Count, latents.BlockLength, latents.VectorLength)); // 8x8 latents of 8 numbers, 2x2 to a patch
    }

    [Fact]
    public void TextsAloneHaveNoImageIds()
    {
        var recipe = new Recipe { Name = "texts", TextTokenizer = new() { VocabularySize = 640 }, Data = new() { Sources = [new TextRecipe { Paths = ["*.txt"] }] } };
        Assert.Equal(640, RecipeVocabulary.Of(recipe).Size);
        Assert.Equal([ModalityId.Text], RecipeVocabulary.Of(recipe).Modalities);
    }

    [Fact]
    public void SpeechAddsItsCodesLast()
    {
        var recipe = new Recipe { Name = "both", TextTokenizer = new() { VocabularySize = 640 }, Data = new() { Sources = [new SceneRecipe(), new CaptionedSpeechRecipe { Path = "a.zip" }] } };
        var vocabulary = RecipeVocabulary.Of(recipe);
        Assert.Equal([ModalityId.Text, ModalityId.Image, ModalityId.Speech], vocabulary.Modalities);
        Assert.Equal((640 + 256, 500, 0), (vocabulary.Ranges[2].Offset, vocabulary.Ranges[2].Count, vocabulary.Ranges[2].BlockLength));
    }
}
