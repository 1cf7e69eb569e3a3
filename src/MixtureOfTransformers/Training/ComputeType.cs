using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>Number format of activations. Weights, gradients and moments are fp32 in both.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<ComputeType>))]
public enum ComputeType
{
    /// <summary>32-bit floats.</summary>
    Fp32,

    /// <summary>bfloat16; norms, softmax statistics and loss stay in fp32.</summary>
    Bf16,
}
