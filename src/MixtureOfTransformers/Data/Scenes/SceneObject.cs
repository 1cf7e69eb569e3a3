namespace MixtureOfTransformers.Data.Scenes;

/// <summary>One object of a scene. Lengths are shares of the picture's width, from its top left corner.</summary>
/// <param name="Shape">What it looks like.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Size">Its nominal size, which captions speak of.</param>
/// <param name="X">Its centre from the left, 0 to 1.</param>
/// <param name="Y">Its centre from the top, 0 to 1.</param>
/// <param name="Radius">Its extent from the centre.</param>
/// <param name="Degrees">Its tilt, clockwise.</param>
public sealed record SceneObject(SceneShape Shape, SceneColor Color, SceneSize Size, float X, float Y, float Radius, float Degrees)
{
    /// <summary>Shape, colour and size, without the exact position.</summary>
    public string Description => $"{Size} {Color.Name} {Shape}".ToLowerInvariant();
}
