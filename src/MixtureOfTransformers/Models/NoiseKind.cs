using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>How images are noised, and what the model learns to predict.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<NoiseKind>))]
public enum NoiseKind
{
    /// <summary>DDPM with the cosine schedule; the model predicts the noise (Transfusion).</summary>
    Ddpm,

    /// <summary>Rectified flow from the image at time 0 to noise at time 1; the model predicts noise − image (BAGEL).</summary>
    Flow,

    /// <summary>The same path the other way round, from noise at time 0 to the image at time 1; the model predicts image − noise.</summary>
    FlowFromNoise,
}
