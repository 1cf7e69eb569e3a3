using System.Collections.Immutable;
using MixtureOfTransformers.Data.Speaking;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>The built-in speech, made by <c>espeak-ng</c>: <c>{"type": "spoken_words", "count": 2000}</c>.</summary>
public sealed record SpokenWordsRecipe : SourceRecipe
{
    /// <summary>Number of recordings, training and validation together.</summary><value>Default: 2000.</value>
    public long Count { get; init; } = 2000;

    /// <summary>What is said; each document draws one.</summary><value>Default: the digits.</value>
    public ImmutableArray<string> Words { get; init; } = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

    /// <summary>Voices, as <c>espeak-ng</c> names them; each document draws one.</summary><value>Default: twelve English ones.</value>
    public ImmutableArray<string> Voices { get; init; } = ["en-us", "en-gb", "en-us+m1", "en-us+m3", "en-us+m7", "en-gb+m4", "en-us+f1", "en-us+f2", "en-us+f4", "en-gb+f3", "en-gb-scotland", "en-gb-x-rp"];

    /// <summary>The slowest rate, in words per minute.</summary><value>Default: 110.</value>
    public int SlowestRate { get; init; } = 110;

    /// <summary>The fastest rate, in words per minute.</summary><value>Default: 220.</value>
    public int FastestRate { get; init; } = 220;

    /// <summary>The lowest pitch, 0 to 99.</summary><value>Default: 25.</value>
    public int LowestPitch { get; init; } = 25;

    /// <summary>The highest pitch, 0 to 99.</summary><value>Default: 75.</value>
    public int HighestPitch { get; init; } = 75;

    /// <summary>How it is said.</summary>
    internal VoiceRange VoiceRange => new(Voices, SlowestRate, FastestRate, LowestPitch, HighestPitch);

    /// <inheritdoc/>
    internal override IReadOnlyList<ModalityId> OwnModalities => [ModalityId.Text, ModalityId.Speech];

    /// <inheritdoc/>
    public override IDocumentSource Open(DataRecipe recipe) => new SpokenWordsSource(this, recipe.SampleRate, recipe.Seed, recipe.Interleave > 0);

    /// <inheritdoc/>
    public override void Validate(DataRecipe recipe)
    {
        base.Validate(recipe);
        Require(Count >= 1, $"count {Count} must be at least 1");
        Require(!Words.IsDefaultOrEmpty && !Words.Any(string.IsNullOrWhiteSpace), "words must name at least one word, and none that is empty");
        Require(!Voices.IsDefaultOrEmpty && !Voices.Any(string.IsNullOrWhiteSpace), "voices must name at least one voice, and none that is empty");
        Require(SlowestRate >= 80 && SlowestRate <= FastestRate && FastestRate <= 450, $"rates from {SlowestRate} to {FastestRate} words per minute must lie within 80 to 450, the slowest first");
        Require(LowestPitch >= 0 && LowestPitch <= HighestPitch && HighestPitch <= 99, $"pitches from {LowestPitch} to {HighestPitch} must lie within 0 to 99, the lowest first");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new ConfigException($"spoken_words: {problem}");
    }
}
