namespace MixtureOfTransformers.Tests;

/// <summary>Compares text with an approved file in the test project. On a difference the new text is left beside it as <c>*.received.txt</c>: look at it, and copy
/// it over the approved one if the change is meant.</summary>
internal static class Approvals
{
    /// <param name="name">Path of the approved file below the test project, ending in <c>.approved.txt</c>.</param>
    /// <param name="text">The text now.</param>
    public static void Verify(string name, string text)
    {
        var approved = Repository.PathTo("tests", "MixtureOfTransformers.Tests", name);
        var received = approved.Replace(".approved.", ".received.");
        var expected = File.Exists(approved) ? File.ReadAllText(approved).ReplaceLineEndings("\n") : "";
        if (expected == text.ReplaceLineEndings("\n"))
        {
            File.Delete(received);
            return;
        }
        File.WriteAllText(received, text);
        Assert.Fail($"{name} differs from what is produced now; compare it with {received} and copy that over it if the change is meant");
    }
}
