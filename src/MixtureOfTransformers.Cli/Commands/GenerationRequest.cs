using MixtureOfTransformers.Data.Audio;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot generate</c> is asked for.</summary>
/// <param name="Prompts">Captions to draw, words to speak, or text to continue.</param>
/// <param name="Images">Files to describe, to speak about or to continue.</param>
/// <param name="Recordings">WAV, FLAC or Ogg Vorbis files to write down, to draw or to continue.</param>
/// <param name="Output">The PNG file for what is drawn.</param>
/// <param name="Speech">The WAV file for what is spoken.</param>
/// <param name="Count">Images to draw, or clips to speak, per input.</param>
/// <param name="Interleave">Whether to continue freely with all modalities that have a file to go to.</param>
internal sealed record GenerationRequest(string[] Prompts, string[] Images, string[] Recordings, string? Output, string? Speech, int Count, bool Interleave)
{
    /// <summary>Most seconds of each clip that is spoken; null where the model alone ends it.</summary>
    public double? Seconds { get; init; }

    /// <summary>Whether one clip is spoken for each input.</summary>
    public bool Speaks => Speech is not null && !Interleave;

    /// <summary>Whether one image is drawn for each input.</summary>
    public bool Draws => !Interleave && !Speaks && (Output is not null || Prompts.Length > 0);

    /// <summary>Whether an image may come of it.</summary>
    public bool MayDraw => Draws || (Interleave && Output is not null);

    /// <summary>What is kept of a clip that is spoken.</summary>
    public AudioClip Cut(AudioClip clip) => Seconds < clip.Seconds ? clip.Slice(0, (int)(Seconds.Value * clip.SampleRate)) : clip;

    /// <summary>Checks everything that can be known before the model is loaded.</summary>
    /// <exception cref="UsageException">Something is missing, contradictory or without effect.</exception>
    public void Validate()
    {
        var kinds = new[] { Prompts, Images, Recordings }.Count(inputs => inputs.Length > 0);
        Require(kinds > 0, "give a --prompt to draw or to speak, an --image to describe, or --audio to write down");
        Require(kinds == 1 || Interleave, "--prompt, --image and --audio are each answered by themselves; give one of them, or --interleave to continue them together");
        Require(Count >= 1, $"--count {Count} must be at least 1");
        Require(Count == 1 || Draws || Speaks, $"--count {Count} draws or speaks several times for each input; leave it out with {(Interleave ? "--interleave" : Recordings.Length > 0 ? "--audio" : "--image")}");
        Require(!Speaks || Output is null, "--speak and --out ask for speech and for an image; give one of them, or --interleave for both in one document");
        Require(!Speaks || Recordings.Length == 0, "--speak says a --prompt or speaks about an --image; leave out --audio, which is written down, or drawn with --out");
        Require(Output is not null || !Draws, "--prompt draws an image: say where with --out image.png, or speak it with --speak speech.wav");
        Require(Output is null || Images.Length == 0 || Interleave, $"--image is described in words, or spoken about with --speak; nothing is drawn for --out {Output}; leave it out");
        Require(Output is not null || Speech is not null || !Interleave, "--interleave may draw images and speak: say where they go with --out image.png, --speak speech.wav or both");
        Require(Output is null || Path.GetExtension(Output).Equals(".png", StringComparison.OrdinalIgnoreCase), $"--out {Output} must end in .png");
        Require(Speech is null || Path.GetExtension(Speech).Equals(".wav", StringComparison.OrdinalIgnoreCase), $"--speak {Speech} must end in .wav");
        Require(Seconds is null || Speaks, $"--seconds {Seconds} is for what is spoken, and nothing is here; leave it out, or say with --speak speech.wav where it goes");
        Require(Seconds is null or (> 0 and <= 3600), $"--seconds {Seconds} must be above 0 and at most 3600");
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
