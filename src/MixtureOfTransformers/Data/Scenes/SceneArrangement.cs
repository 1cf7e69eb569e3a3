namespace MixtureOfTransformers.Data.Scenes;

/// <summary>Where the objects of a scene are relative to each other.</summary>
public enum SceneArrangement
{
    /// <summary>One object, in one of nine places.</summary>
    Single,

    /// <summary>Two or three objects from left to right.</summary>
    Row,

    /// <summary>Two or three objects from top to bottom.</summary>
    Column,

    /// <summary>The first object lies within the second.</summary>
    Inside,

    /// <summary>The first object covers part of the second.</summary>
    Overlapping,

    /// <summary>The first object above, the second below on the left, the third below on the right.</summary>
    Pyramid,
}
