using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A device to plan training on.</summary>
/// <param name="Name">A short name, for programs.</param>
/// <param name="Title">Its full name.</param>
/// <param name="MemoryBytes">Memory of one device.</param>
/// <param name="PeakBf16">Dense bf16 products, FLOP/s; the maker's figure, or what was measured.</param>
/// <param name="PeakFp32">The same in fp32, without tensor cores.</param>
/// <param name="Utilisation">The share of the peak that training is assumed to reach.</param>
/// <param name="PricePerHour">USD for one device; null where there is none.</param>
/// <param name="PriceSource">Where and when that was the price; null where there is none.</param>
internal sealed record PlanMachine(string Name, string Title, long MemoryBytes, double PeakBf16, double PeakFp32, double Utilisation, double? PricePerHour, string? PriceSource)
{
    private const long Gigabyte = 1_000_000_000;
    private const double Tera = 1e12, AssumedOfGpu = 0.4, AssumedOfCpu = 0.5;

    /// <summary>GPUs that are rented by the hour. Prices are assumptions: on demand, an eighth of a machine of eight, and they change.</summary>
    public static ImmutableArray<PlanMachine> Gpus { get; } =
    [
        new("a100", "A100 80 GB", 80 * Gigabyte, 312 * Tera, 19.5 * Tera, AssumedOfGpu, 40.97 / 8, "p4de.24xlarge, 40.97 USD/h, 2024"),
        new("h100", "H100 SXM 80 GB", 80 * Gigabyte, 989 * Tera, 67 * Tera, AssumedOfGpu, 98.32 / 8, "p5.48xlarge, 98.32 USD/h, 2024"),
        new("h200", "H200 SXM 141 GB", 141 * Gigabyte, 989 * Tera, 67 * Tera, AssumedOfGpu, 84.80 / 8, "p5en.48xlarge, 84.80 USD/h, 2024"),
    ];

    /// <summary>Whether activations and the copies of a checkpoint share the same memory.</summary>
    public bool IsHost { get; private init; }

    /// <summary>A processor whose speed was measured.</summary>
    public static PlanMachine Cpu(string model, long memoryBytes, Runtime.ComputeRates rates) =>
        new("cpu", model, memoryBytes, rates.Bf16GflopPerSecond * 1e9, rates.Fp32GflopPerSecond * 1e9, AssumedOfCpu, null, null) { IsHost = true };

    /// <summary>Products per second that training is assumed to reach on one device, FLOP/s.</summary>
    public double ReachedFlops(bool bf16) => Peak(bf16) * Utilisation;

    /// <summary>The peak in the compute dtype, FLOP/s.</summary>
    public double Peak(bool bf16) => bf16 ? PeakBf16 : PeakFp32;
}
