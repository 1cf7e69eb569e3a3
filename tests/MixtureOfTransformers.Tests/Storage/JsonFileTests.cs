using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Storage;

public sealed partial class JsonFileTests
{
    [Fact]
    public void FieldsThatAreNotNamedKeepTheirDefaults()
    {
        var read = JsonFile.Parse("""{"shapes": [{"sides": 3, "kind": "polygon"}], "name": "x"}""", "test.json", TestJson.Default.Drawing);
        Assert.Equal((0.5, "x", 2), (read.Scale, read.Name, read.Shapes[0].Repeat));
        Assert.Equal(3, Assert.IsType<Polygon>(read.Shapes[0]).Sides);
    }

    [Theory]
    [InlineData("""{"shapes": [], "colour": 1}""", "unknown field 'colour'")]
    [InlineData("""{"scale": 1}""", "shapes")]
    [InlineData("""{"shapes": [{"sides": 3}]}""", "type discriminator")]
    [InlineData("""{"shapes": [{"kind": "blob"}]}""", "no type 'blob'")]
    [InlineData("""{"shapes": [{"kind": "polygon"}]}""", "sides")]
    [InlineData("""{"shapes": 3}""", "$.shapes has a value of the wrong kind")]
    [InlineData("""{"shapes": [""", "line 1")]
    [InlineData("null", "null")]
    [InlineData("""{"shapes": null}""", "$.shapes must not be null")]
    [InlineData("""{"shapes": [{"kind": "polygon", "sides": 3, "label": null}]}""", "$.shapes[0].label must not be null")]
    public void ErrorsNameTheFileAndTheField(string json, string named)
    {
        var error = Assert.Throws<ConfigException>(() => JsonFile.Parse(json, "test.json", TestJson.Default.Drawing));
        Assert.StartsWith("test.json", error.Message);
        Assert.Contains(named, error.Message);
    }

    [Fact]
    public void NullIsReadWhereTheTypeAllowsIt() => Assert.Null(JsonFile.Parse("""{"shapes": [], "name": null}""", "test.json", TestJson.Default.Drawing).Name);

    [Fact]
    public void MissingFileIsNamed() => Assert.Contains("nowhere.json", Assert.Throws<ConfigException>(() => JsonFile.Read("nowhere.json", TestJson.Default.Drawing)).Message);

    internal sealed record Drawing
    {
        public required Shape[] Shapes { get; init; }
        public double Scale { get; init; } = 0.5;
        public string? Name { get; init; }
    }

    [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
    [JsonDerivedType(typeof(Polygon), "polygon")]
    internal abstract record Shape
    {
        public int Repeat { get; init; } = 2;
    }

    internal sealed record Polygon : Shape
    {
        public required int Sides { get; init; }
        public string Label { get; init; } = "";
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowOutOfOrderMetadataProperties = true)]
    [JsonSerializable(typeof(Drawing))]
    internal sealed partial class TestJson : JsonSerializerContext;
}
