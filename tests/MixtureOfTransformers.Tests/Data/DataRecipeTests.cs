using System.Collections.Immutable;
using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class DataRecipeTests
{
    [Fact]
    public void DefaultsHoldWhereJsonIsSilent()
    {
        var recipe = Parse("""{"sources": [{"type": "scenes"}]}""");
        Assert.Equal(new SceneRecipe(), recipe.Sources[0]);
        Assert.Equal((32, 3, 0.05, 0.5, 0.1, 100), (recipe.ImageSize, recipe.Channels, recipe.ValidationFraction, recipe.ImageFirst, recipe.CaptionDropout, recipe.MaxBadDocuments));
    }

    [Fact]
    public void ReadsEveryFieldInAnyOrder()
    {
        var recipe = Parse("""
            {"seed": 5, "image_first": 0.25, "caption_dropout": 0, "validation_fraction": 0.1, "max_bad_documents": 7, "image_size": 64, "channels": 3, // a comment
             "sources": [{"count": 12, "type": "scenes", "max_objects": 3, "repeat": 1.5}]}
            """);
        Assert.Equal(new SceneRecipe { Count = 12, MaxObjects = 3, Repeat = 1.5 }, recipe.Sources[0]);
        Assert.Equal((5, 0.25, 0, 0.1, 7, 64), (recipe.Seed, recipe.ImageFirst, recipe.CaptionDropout, recipe.ValidationFraction, recipe.MaxBadDocuments, recipe.ImageSize));
    }

    [Fact]
    public void EverySourceSurvivesBeingWritten()
    {
        var recipe = new DataRecipe
        {
            Sources =
            [
                new SceneRecipe { Count = 5 },
                new CaptionedImageRecipe { Path = "a.zip", Captions = "b", FileField = "f", CaptionField = "c", ExtraFields = ["k"], Where = ImmutableSortedDictionary<string, string>.Empty.Add("x", ""), Background = "#000000" },
                new IdxRecipe { Images = "i", Labels = "l", Classes = ["a"], Split = DataSplit.Validation },
                new TextRecipe { Paths = ["*.txt"], Repeat = 3 },
            ],
        };
        var json = JsonSerializer.Serialize(recipe, DataJson.Default.DataRecipe);
        Assert.Equal(json, JsonSerializer.Serialize(Parse(json), DataJson.Default.DataRecipe));
        Assert.Equal("f", Assert.IsType<CaptionedImageRecipe>(Parse(json).Sources[1]).FileField);
    }

    [Theory]
    [InlineData("""{"sources": [{"type": "captioned_images"}]}""", "path")]
    [InlineData("""{"sources": [{"type": "captioned_images", "path": "x", "background": "white"}]}""", "#rrggbb")]
    [InlineData("""{"sources": [{"type": "idx", "images": "i", "labels": "l", "classes": []}]}""", "classes")]
    [InlineData("""{"sources": [{"type": "idx", "images": "i", "labels": "l", "classes": ["a"], "templates": ["a picture"]}]}""", "templates")]
    [InlineData("""{"sources": [{"type": "text", "paths": []}]}""", "paths")]
    [InlineData("""{"sources": [{"type": "text", "paths": ["x"], "max_characters": 3}]}""", "max_characters")]
    [InlineData("""{"sources": [{"type": "text", "paths": ["x"], "split": "test"}]}""", "split")]
    [InlineData("""{"sources": []}""", "no sources")]
    [InlineData("""{"sources": [{"type": "scenes", "size": 3}]}""", "size")]
    [InlineData("""{"sources": [{"type": "films"}]}""", "films")]
    [InlineData("""{"sources": [{"type": "scenes", "repeat": 0}]}""", "repeat")]
    [InlineData("""{"sources": [{"type": "scenes", "split": "train"}]}""", "split")]
    [InlineData("""{"sources": [{"type": "scenes", "max_objects": 9}]}""", "max_objects")]
    [InlineData("""{"sources": [{"type": "scenes"}], "channels": 1}""", "channels")]
    [InlineData("""{"sources": [{"type": "scenes"}], "channels": 4}""", "channels")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_first": 1.5}""", "image_first")]
    [InlineData("""{"sources": [{"type": "scenes"}], "caption_dropout": -1}""", "caption_dropout")]
    [InlineData("""{"sources": [{"type": "scenes"}], "validation_fraction": 1}""", "validation_fraction")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_size": 0}""", "image_size")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": [32, "wide"]}""", "such as 24x32")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": [1.5]}""", "'1.5' is no size")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": [null]}""", "'null' is no size")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": [[32, 24]]}""", "'[32, 24]' is no size")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": []}""", "names no size")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": ["32x5000"]}""", "image_sizes")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": [32, 32]}""", "twice")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_sizes": [32, "32x4"]}""", "image_size")]
    [InlineData("""{"sources": [{"type": "scenes"}], "image_size": 28, "image_sizes": [32]}""", "leave one of them out")]
    [InlineData("""{"sources": [{"type": "scenes"}], "max_bad_documents": -1}""", "max_bad_documents")]
    public void ErrorsNameTheField(string json, string field) => Assert.Contains(field, Assert.Throws<ConfigException>(() => Parse(json)).Message);

    private static DataRecipe Parse(string json) => JsonFile.Parse(json, "recipe.json", DataJson.Default.DataRecipe).Validate();
}
