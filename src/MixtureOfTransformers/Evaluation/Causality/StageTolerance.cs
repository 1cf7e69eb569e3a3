using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>How far an output may move by rounding alone. Another number of tokens in a tower means matrix products of another shape, which add in another order,
/// so that bits are not the same even where nothing leaks.</summary>
internal static class StageTolerance
{
    private const double ControlFactor = 8, CapOverFloor = 16;

    /// <summary>The rule, for the reader of a report.</summary>
    public static string Rule(ScalarType dtype) => FormattableString.Invariant(
        $"an output moved if one of its elements changed by more than {ControlFactor} times the largest change in two control passes (the same batch again, and with its rows in reverse order), but at least 2^{Math.Log2(Floor(dtype)):0} and at most 2^{Math.Log2(CapOverFloor * Floor(dtype)):0} of the largest output of the stage");

    /// <summary>The largest change that is still rounding.</summary>
    /// <param name="control">The largest change among the controls. Where this is no rounding itself, it does not excuse a change.</param>
    /// <param name="scale">The largest absolute output of the stage.</param>
    /// <param name="dtype">What was computed in.</param>
    public static double Of(double control, double scale, ScalarType dtype) => Math.Clamp(ControlFactor * control, Floor(dtype) * scale, CapOverFloor * Floor(dtype) * scale);

    /// <summary>128 units in the last place; of the half formats only 1, as they have so few.</summary>
    private static double Floor(ScalarType dtype) => dtype switch
    {
        ScalarType.Float64 => Math.ScaleB(1, -45),
        ScalarType.Float32 => Math.ScaleB(1, -16),
        ScalarType.Float16 => Math.ScaleB(1, -10),
        _ => Math.ScaleB(1, -7),
    };
}
