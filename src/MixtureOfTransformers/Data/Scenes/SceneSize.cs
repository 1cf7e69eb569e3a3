using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Scenes;

/// <summary>How large an object is, as a share of the picture, the same in every arrangement.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<SceneSize>))]
public enum SceneSize
{
    /// <summary>About a quarter of the picture across.</summary>
    Small,

    /// <summary>About a third of the picture across.</summary>
    Medium,

    /// <summary>About half of the picture across.</summary>
    Large,
}
