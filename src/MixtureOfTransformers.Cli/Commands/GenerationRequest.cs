namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot generate</c> is asked for.</summary>
/// <param name="Prompts">Captions to draw, or text to continue.</param>
/// <param name="Images">Files to describe or to continue.</param>
/// <param name="Output">The PNG file for what is drawn.</param>
/// <param name="Count">Images to draw per prompt.</param>
/// <param name="Interleave">Whether to continue freely with text and images.</param>
internal sealed record GenerationRequest(string[] Prompts, string[] Images, string? Output, int Count, bool Interleave)
{
    private bool Draws => Images.Length == 0 && !Interleave;

    /// <summary>Checks everything that can be known before the model is loaded.</summary>
    /// <exception cref="UsageException">Something is missing, contradictory or without effect.</exception>
    public void Validate()
    {
        Require(Prompts.Length + Images.Length > 0, "give a --prompt to draw or an --image to describe");
        Require(Prompts.Length == 0 || Images.Length == 0 || Interleave, "--prompt draws and --image describes; give one of them, or --interleave to continue both together");
        Require(Count >= 1, $"--count {Count} must be at least 1");
        Require(Count == 1 || Draws, $"--count {Count} draws several images of a --prompt; leave it out with {(Interleave ? "--interleave" : "--image")}");
        Require(Output is not null || !Draws, "--prompt draws an image: say where with --out image.png");
        Require(Output is not null || !Interleave, "--interleave may draw images: say where they go with --out image.png");
        Require(Output is null || Draws || Interleave, $"--image is described in words, and nothing is drawn for --out {Output}; leave it out");
        Require(Output is null || Path.GetExtension(Output).Equals(".png", StringComparison.OrdinalIgnoreCase), $"--out {Output} must end in .png");
        foreach (var image in Images)
            Require(File.Exists(image), $"--image {image} does not exist");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new UsageException(problem);
    }
}
