using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void SnippetGivesALogitPerTokenAndId()
    {
        // begin
        byte[] modalities = [0, 0, 0, 1, 1, 1, 1, 0, 0];              // 0 text, 1 image, one per token
        var config = ModelPresets.Get("tiny");                        // one tower per modality; config.AsDense() is the dense twin
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed: 1);
        using var model = new MotModel(config, CPU, generator);
        using var routing = model.Route(modalities);                  // the index sets of Algorithm 1, once per batch
        using var context = new AttentionContext(config, rowCount: 1, length: modalities.Length, CPU);
        var tokens = randint(0, config.VocabularySize, [1, modalities.Length], generator: generator);
        var logits = model.call(tokens, routing, context);            // [1, 9, vocabulary]
        // end
        Assert.Equal([1, 9, config.VocabularySize], logits.shape);
    }

    [Fact]
    public void ReadmeShowsTheSnippetThatRunsHere()
    {
        var source = File.ReadAllLines(Repository.PathTo("tests", "MixtureOfTransformers.Tests", "ReadmeTests.cs"));
        var snippet = source.SkipWhile(l => l.Trim() != "// begin").Skip(1).TakeWhile(l => l.Trim() != "// end").Select(l => l.Trim()).ToArray();
        var block = File.ReadAllLines(Repository.PathTo("README.md")).SkipWhile(l => l != "```csharp").Skip(1).TakeWhile(l => l != "```").ToArray();
        Assert.Equal(snippet, block.Where(l => l.Length > 0 && !IsDirective(l)));
        Assert.All(block.Where(IsDirective), directive => Assert.Contains(directive, source));
    }

    private static bool IsDirective(string line) => line.StartsWith("using ", StringComparison.Ordinal) && !line.StartsWith("using var ", StringComparison.Ordinal);
}
