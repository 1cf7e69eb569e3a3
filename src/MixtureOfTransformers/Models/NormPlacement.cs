using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>Where a sublayer is normalised.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<NormPlacement>))]
public enum NormPlacement
{
    /// <summary>On the branch's output, before the residual addition: Algorithm 1 of the paper, Chameleon's <c>swin_norm</c>.</summary>
    Output,

    /// <summary>On the sublayer's input: the Llama layout, used by Transfusion.</summary>
    Pre,
}
