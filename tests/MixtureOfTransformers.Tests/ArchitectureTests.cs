using System.Text.RegularExpressions;

namespace MixtureOfTransformers.Tests;

public sealed partial class ArchitectureTests
{
    private static readonly string[] Pipeline =
        ["Storage", "Runtime", "Kernels", "Data", "Tokenizers", "Batching", "Models", "Objectives", "Checkpoints", "Training", "Generation", "Evaluation", "Benchmarks"];

    [Fact]
    public void FoldersPointOneWay()
    {
        var library = Repository.PathTo("src", "MixtureOfTransformers");
        var violations = new List<string>();
        foreach (var file in Directory.EnumerateFiles(library, "*.cs", SearchOption.AllDirectories))
        {
            var folder = Path.GetRelativePath(library, file).Split(Path.DirectorySeparatorChar)[0];
            if (folder is "build" or "obj")
                continue;
            var position = Array.IndexOf(Pipeline, folder);
            if (position < 0)
                violations.Add($"{folder}/ is not in the pipeline");
            foreach (Match used in UsedNamespace().Matches(File.ReadAllText(file)))
                if (Array.IndexOf(Pipeline, used.Groups[1].Value) > position)
                    violations.Add($"{Path.GetRelativePath(library, file)} uses {used.Groups[1].Value}, which comes after {folder}");
        }
        Assert.Empty(violations);
    }

    [Fact]
    public void SourceFilesAreSmall()
    {
        const int Limit = 300;
        var long_ = Directory.EnumerateFiles(Repository.PathTo("src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => (file, lines: File.ReadLines(file).Count())).Where(f => f.lines > Limit);
        Assert.Empty(long_);
    }

    [GeneratedRegex(@"\bMixtureOfTransformers\.([A-Z][A-Za-z]+)(?=[;.])")]
    private static partial Regex UsedNamespace();
}
