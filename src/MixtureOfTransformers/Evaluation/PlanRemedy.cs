using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Finds the smallest change that makes a run fit into memory.</summary>
internal static class PlanRemedy
{
    private const int MostDevices = 4096;

    /// <summary>Tries, in this order: checkpointing, smaller micro-batches, dividing more among the devices, more devices.</summary>
    /// <param name="settings">What does not fit.</param>
    /// <param name="fits">Whether other settings would.</param>
    /// <returns>The options of <c>mot plan</c> to change; null where nothing helps.</returns>
    public static string? For(MemorySettings settings, Func<MemorySettings, bool> fits) =>
        Candidates(settings).FirstOrDefault(fits) is { } found ? string.Join(' ', Options(settings, found)) : null;

    private static IEnumerable<MemorySettings> Candidates(MemorySettings settings)
    {
        for (var devices = settings.DeviceCount; devices <= MostDevices; devices = devices == 1 ? 2 : devices * 2)
            foreach (var sharding in Enum.GetValues<Sharding>().Where(s => s >= settings.Sharding && (devices > 1 || s == settings.Sharding)))
                foreach (var smaller in Smaller(settings with { DeviceCount = devices, Sharding = sharding }))
                    yield return smaller;
    }

    private static IEnumerable<MemorySettings> Smaller(MemorySettings settings)
    {
        yield return settings;
        yield return settings with { ActivationCheckpointing = true };
        for (var rows = settings.RowCount / 2; rows >= 1; rows /= 2)
            yield return settings with { ActivationCheckpointing = true, RowCount = rows };
    }

    private static IEnumerable<string> Options(MemorySettings before, MemorySettings after)
    {
        if (after.DeviceCount != before.DeviceCount)
            yield return $"--devices {after.DeviceCount}";
        if (after.Sharding != before.Sharding)
            yield return $"--shard {after.Sharding.ToString().ToLowerInvariant()}";
        if (after.ActivationCheckpointing != before.ActivationCheckpointing)
            yield return "--checkpoint-activations";
        if (after.RowCount != before.RowCount)
            yield return $"--batch-rows {after.RowCount}";
    }
}
