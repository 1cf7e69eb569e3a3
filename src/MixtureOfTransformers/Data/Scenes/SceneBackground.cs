namespace MixtureOfTransformers.Data.Scenes;

/// <summary>What lies behind the objects.</summary>
/// <param name="Pattern">How it is filled.</param>
/// <param name="First">The colour, or the first of two (top or left).</param>
/// <param name="Second">The second colour; equal to the first where there is one.</param>
public sealed record SceneBackground(ScenePattern Pattern, SceneColor First, SceneColor Second)
{
    /// <summary>The pattern and its colours.</summary>
    public string Description => Pattern == ScenePattern.Plain ? $"plain {First.Name}" : $"{Pattern} {First.Name} {Second.Name}".ToLowerInvariant();

    /// <summary>Halfway between the two, which the middle of a fading background looks like.</summary>
    internal SceneColor Middle => new("middle", new((byte)((First.Value.Red + Second.Value.Red) / 2), (byte)((First.Value.Green + Second.Value.Green) / 2), (byte)((First.Value.Blue + Second.Value.Blue) / 2)));
}
