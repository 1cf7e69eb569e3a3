using System.Diagnostics;
using System.Globalization;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Speaking;

/// <summary>The speech synthesizer <c>espeak-ng</c>, a program found on the path.</summary>
internal sealed class EspeakProgram
{
    private const string Name = "espeak-ng";
    private const double MaxSeconds = 60;

    private EspeakProgram(string path) => Path = path;

    /// <summary>The program's file.</summary>
    public string Path { get; }

    /// <summary>Finds the program.</summary>
    /// <param name="searchPath">Folders; the environment's PATH when null.</param>
    /// <exception cref="MotException">It is not installed; the message names the command that installs it.</exception>
    public static EspeakProgram Find(string? searchPath = null)
    {
        var folders = (searchPath ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => System.IO.Path.Combine(folder, Name)).FirstOrDefault(File.Exists) is { } path ? new(path)
            : throw new MotException($"{Name} is not installed, and spoken_words needs it to speak; install it with: sudo apt install {Name}");
    }

    /// <summary>Speaks.</summary>
    /// <exception cref="MotException">The program failed.</exception>
    public AudioClip Speak(string words, EspeakVoice voice)
    {
        using var process = Process.Start(new ProcessStartInfo(Path, Arguments(words, voice)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var sound = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(sound);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new MotException($"{Name} could not speak '{words}' with the voice {voice.Name}: {errors.Result.Trim()}");
        sound.Position = 0;
        return WavFile.Read(sound, MaxSeconds);
    }

    private static string[] Arguments(string words, EspeakVoice voice) => // -z: without the pause that follows a sentence
        ["--stdout", "-z", "-v", voice.Name, "-s", voice.WordsPerMinute.ToString(CultureInfo.InvariantCulture), "-p", voice.Pitch.ToString(CultureInfo.InvariantCulture), "--", words];
}
