namespace MixtureOfTransformers.Evaluation;

/// <summary>One measurement of a loss curve.</summary>
/// <param name="Step">Optimizer steps done before the measurement.</param>
/// <param name="Flops">Training FLOPs spent by then, forward and backward.</param>
/// <param name="Seconds">Training seconds spent by then, evaluations left out.</param>
/// <param name="Loss">Mean loss in nats per token.</param>
public readonly record struct LossPoint(long Step, double Flops, double Seconds, double Loss)
{
    /// <summary>The cost on <paramref name="axis"/>: steps, FLOPs or seconds.</summary>
    public double Cost(CostAxis axis) => axis switch
    {
        CostAxis.Steps => Step,
        CostAxis.Flops => Flops,
        CostAxis.Seconds => Seconds,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "not an axis"),
    };
}
