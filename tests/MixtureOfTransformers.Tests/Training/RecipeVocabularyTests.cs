using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
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
    public void EachSizeOfImagesHasAnId()
    {
        var recipe = new Recipe
        {
            Name = "sizes",
            TextTokenizer = new() { VocabularySize = 640 },
            ImagePatches = new(),
            Data = new() { Sources = [new SceneRecipe()], ImageSizes = [new(32), new(24, 32), new(32, 24)] },
            Model = new() { Diffusion = new() { GridPositions = true } },
        }.Validate();
        var vocabulary = RecipeVocabulary.Of(recipe);
        var images = vocabulary.VectorRange!;
        Assert.Equal((643, 3, 64, 64), (vocabulary.Size, images.Count, images.BlockLength, images.LongestBlock));
        Assert.Equal([(64, 8), (48, 6), (48, 8)], Enumerable.Range(640, 3).Select(id => (images.BlockLengthOf(id), images.ColumnsOf(id))));
        Assert.Contains("sequence_length 67", Assert.Throws<ConfigException>(() => new ModelRecipe().ToConfig(vocabulary with { Ranges = [vocabulary.Ranges[0], images with { BlockLength = 48, Grids = [new(6, 8), new(8, 6), new(8, 8)] }] }, 67)).Message);

        Assert.Equal([0, 1, 2], new[] { (32, 32), (24, 32), (32, 24) }.Select(s => images.SizeOf(s.Item1, s.Item2)));
        foreach (var (width, height) in new[] { (24, 24), (32, 33), (35, 32) })
            Assert.Contains($"{width}x{height} pixels has none of the sizes of this model, 32 or 24x32 or 32x24", Assert.Throws<MotException>(() => images.SizeOf(width, height)).Message);

        string Problem(Recipe wrong) => Assert.Throws<ConfigException>(() => wrong.Validate()).Message;
        Assert.Contains("set model.diffusion.grid_positions", Problem(recipe with { Model = new() }));
        Assert.Contains("leave unet out", Problem(recipe with { Model = new() { Diffusion = new() { GridPositions = true, Unet = new() } } }));
        Assert.Contains("leave image_vae out", Problem(recipe with { ImageVae = new() }));
        Assert.Contains("add \"image_patches\"", Problem(recipe with { ImagePatches = null, Model = new() }));
        (recipe with { ImagePatches = null, Model = new(), Data = recipe.Data with { ImageSizes = [new(24, 32)] } }).Validate(); // one size of any shape is for everything
    }

    /// <summary>What image tokenizers take is no matter where there is none.</summary>
    [Fact]
    public void PatchesMayDivideWhatAnImageTokenizerDoesNot()
    {
        var recipe = new Recipe { Name = "odd", ImagePatches = new() { Size = 3 }, Data = new() { Sources = [new SceneRecipe()], ImageSizes = [new(30, 21), new(21, 30)] }, Model = new() { Diffusion = new() { GridPositions = true } } };
        Assert.Equal(70, RecipeVocabulary.Of(recipe.Validate()).VectorRange!.BlockLength);
        Assert.Contains("image tokenizer: 30x21 pixels do not divide", Assert.Throws<ConfigException>(() => (recipe with { ImagePatches = null, Model = new() }).Validate()).Message);
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
