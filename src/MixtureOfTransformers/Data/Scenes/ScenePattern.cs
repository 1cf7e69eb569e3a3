namespace MixtureOfTransformers.Data.Scenes;

/// <summary>How a background is filled.</summary>
public enum ScenePattern
{
    /// <summary>One colour.</summary>
    Plain,

    /// <summary>One colour at the top fading to another at the bottom.</summary>
    FadeDown,

    /// <summary>One colour on the left fading to another on the right.</summary>
    FadeRight,

    /// <summary>Level stripes of two colours.</summary>
    HorizontalStripes,

    /// <summary>Upright stripes of two colours.</summary>
    VerticalStripes,
}
