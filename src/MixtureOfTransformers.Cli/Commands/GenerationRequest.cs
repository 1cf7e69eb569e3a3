namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot generate</c> is asked for.</summary>
/// <param name="Prompts">Captions to draw, words to speak, or text to continue.</param>
/// <param name="Images">Files to describe or to continue.</param>
/// <param name="Recordings">WAV files to write down.</param>
/// <param name="Output">The PNG file for what is drawn.</param>
/// <param name="Speech">The WAV file for what is spoken.</param>
/// <param name="Count">Images to draw, or clips to speak, per prompt.</param>
/// <param name="Interleave">Whether to continue freely with text and images.</param>
internal sealed record GenerationRequest(string[] Prompts, string[] Images, string[] Recordings, string? Output, string? Speech, int Count, bool Interleave)
{
    /// <summary>Whether prompts are spoken.</summary>
    public bool Speaks => Speech is not null;

    private bool Draws => Images.Length == 0 && Recordings.Length == 0 && !Interleave && !Speaks;

    /// <summary>Checks everything that can be known before the model is loaded.</summary>
    /// <exception cref="UsageException">Something is missing, contradictory or without effect.</exception>
    public void Validate()
    {
        Require(Prompts.Length + Images.Length + Recordings.Length > 0, "give a --prompt to draw or an --image to describe");
        Require(Recordings.Length == 0 || (Prompts.Length == 0 && Images.Length == 0 && Output is null && !Speaks && !Interleave), "--audio writes down what is said; leave out --prompt, --image, --out, --speak and --interleave");
        Require(!Speaks || (Prompts.Length > 0 && Images.Length == 0 && Output is null && !Interleave), "--speak says a --prompt; give one, and leave out --image, --out and --interleave");
        Require(Prompts.Length == 0 || Images.Length == 0 || Interleave, "--prompt draws and --image describes; give one of them, or --interleave to continue both together");
        Require(Count >= 1, $"--count {Count} must be at least 1");
        Require(Count == 1 || Draws || Speaks, $"--count {Count} draws several images of a --prompt; leave it out with {(Interleave ? "--interleave" : Recordings.Length > 0 ? "--audio" : "--image")}");
        Require(Output is not null || !Draws, "--prompt draws an image: say where with --out image.png");
        Require(Output is not null || !Interleave, "--interleave may draw images: say where they go with --out image.png");
        Require(Output is null || Draws || Interleave, $"--image is described in words, and nothing is drawn for --out {Output}; leave it out");
        Require(Output is null || Path.GetExtension(Output).Equals(".png", StringComparison.OrdinalIgnoreCase), $"--out {Output} must end in .png");
        Require(Speech is null || Path.GetExtension(Speech).Equals(".wav", StringComparison.OrdinalIgnoreCase), $"--speak {Speech} must end in .wav");
        foreach (var image in Images)
            Require(File.Exists(image), $"--image {image} does not exist");
        foreach (var recording in Recordings)
            Require(File.Exists(recording), $"--audio {recording} does not exist");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new UsageException(problem);
    }
}
