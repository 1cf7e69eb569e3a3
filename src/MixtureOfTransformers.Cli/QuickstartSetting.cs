using System.Collections.Immutable;

namespace MixtureOfTransformers.Cli;

/// <summary>One of the settings that <c>mot quickstart</c> knows.</summary>
/// <param name="Name">As typed.</param>
/// <param name="Description">What it trains.</param>
/// <param name="Recipe">Name of the embedded recipe.</param>
/// <param name="Minutes">Time for everything, unless the user says otherwise.</param>
/// <param name="Data">The documents in words: "… that are drawn, not photographed".</param>
/// <param name="Next">What to try with a model of it.</param>
internal sealed record QuickstartSetting(string Name, string Description, string Recipe, double Minutes, string Data, string Next)
{
    /// <summary>Text and images, as in the paper's first setting.</summary>
    public static QuickstartSetting Chameleon { get; } =
        new("chameleon", "text and images as tokens", "quickstart", 4, "drawn, not photographed", "--prompt \"…\" --out image.png");

    /// <summary>Text, images and speech.</summary>
    public static QuickstartSetting Speech { get; } =
        new("speech", "text, images and spoken words, which espeak-ng says", "quickstart-speech", 7, "drawn, not photographed, and spoken by a program, not by people", "--prompt \"heart\" --speak heart.wav");

    /// <summary>Text by next token, images by diffusion.</summary>
    public static QuickstartSetting Transfusion { get; } =
        new("transfusion", "text as tokens, images denoised", "quickstart-transfusion", 7, "drawn, not photographed", "--prompt \"…\" --out image.png");

    /// <summary>All, the default first.</summary>
    public static ImmutableArray<QuickstartSetting> All { get; } = [Chameleon, Speech, Transfusion];
}
