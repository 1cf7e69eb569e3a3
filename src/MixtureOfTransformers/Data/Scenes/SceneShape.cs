namespace MixtureOfTransformers.Data.Scenes;

/// <summary>What an object looks like.</summary>
public enum SceneShape
{
    /// <summary>A filled circle.</summary>
    Circle,

    /// <summary>A filled square.</summary>
    Square,

    /// <summary>An equilateral triangle, point up.</summary>
    Triangle,

    /// <summary>A five-pointed star.</summary>
    Star,

    /// <summary>A circle with a hole.</summary>
    Ring,

    /// <summary>An upright cross with equal arms.</summary>
    Cross,

    /// <summary>A square on its corner, taller than wide.</summary>
    Diamond,

    /// <summary>A heart.</summary>
    Heart,

    /// <summary>A moon's crescent, open to the right.</summary>
    Crescent,
}
