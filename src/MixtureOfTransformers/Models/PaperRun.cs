namespace MixtureOfTransformers.Models;

/// <summary>How the paper trained a preset (arXiv:2411.04996, Tables 1, 3, 4 and 5). Sequences of 4096 tokens.</summary>
/// <param name="RowsPerDevice">Sequences on each GPU.</param>
/// <param name="DeviceCount">GPUs.</param>
/// <param name="Steps">Optimizer steps.</param>
internal sealed record PaperRun(int RowsPerDevice, int DeviceCount, long Steps)
{
    /// <summary>Tokens per sequence.</summary>
    public const int SequenceLength = 4096;

    private static readonly Dictionary<string, PaperRun> All = new()
    {
        ["37m"] = new(12, 32, 160_000),
        ["94m"] = new(8, 32, 160_000),
        ["443m"] = new(6, 64, 160_000),
        ["880m"] = new(4, 128, 120_000),
        ["1.5b"] = new(4, 128, 120_000),
        ["7b"] = new(2, 384, 120_000),
        ["transfusion-163m"] = new(4, 128, 250_000),
        ["transfusion-0.37b"] = new(4, 128, 250_000), // a size of Transfusion's own paper that Table 4 leaves out; trained on as many tokens
        ["transfusion-760m"] = new(4, 128, 250_000),
        ["transfusion-1.4b"] = new(2, 256, 250_000),
        ["transfusion-7b"] = new(2, 256, 250_000),
    };

    /// <summary>Tokens of one step.</summary>
    public long TokensPerStep => (long)RowsPerDevice * DeviceCount * SequenceLength;

    /// <summary>The run of a preset, with speech (Table 3) the same as without; null for presets that are not the paper's.</summary>
    public static PaperRun? Of(string preset) => All.GetValueOrDefault(preset.ToLowerInvariant().Replace("-speech", "", StringComparison.Ordinal));
}
