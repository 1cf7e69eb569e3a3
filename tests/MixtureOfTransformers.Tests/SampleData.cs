namespace MixtureOfTransformers.Tests;

/// <summary>Real data sets in a folder <c>shared/data</c> beside the repository; tests that use them skip where it is absent.</summary>
internal static class SampleData
{
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data", name) is var path && Path.Exists(path))
                return path;
        Assert.Skip($"the data set {name} is not beside the repository (shared/data/{name})");
        return "";
    }
}
