using System.Text.Json;
using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class BenchCommandTests
{
    [Fact]
    public void JsonHasThePromisedFieldsAndNothingElseIsPrinted()
    {
        var run = CliRun.Of("bench", "--presets", "tiny", "--dtypes", "fp32", "--rounds", "1", "--only", "decode", "--json");
        Assert.Equal(ExitCode.Success, run.ExitCode);
        using var document = JsonDocument.Parse(run.Output);
        Assert.True(document.RootElement.GetProperty("memory_gb_per_second").GetDouble() > 0);
        Assert.Equal(0, document.RootElement.GetProperty("profile").GetArrayLength());
        foreach (var result in document.RootElement.GetProperty("results").EnumerateArray())
        {
            Assert.Equal("fp32", result.GetProperty("dtype").GetString());
            foreach (var field in (string[])["name", "dim", "layers", "tokens_per_second", "gflops", "percent_of_peak", "percent_of_bandwidth", "ratio_to_dense", "peak_memory_bytes", "milliseconds"])
                Assert.True(result.TryGetProperty(field, out _), field);
        }
        Assert.Contains("tiny fp32 decode: done", run.Error);
    }

    [Fact]
    public void TablesNameEveryCaseAndThePeaks()
    {
        var run = CliRun.Of("bench", "--presets", "tiny", "--dtypes", "bf16", "--rounds", "1");
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        foreach (var word in (string[])["GFLOP/s in bf16", "GB/s", "training, D 64, 2 layers, bf16, 4 rows of 512 tokens", "mot-3 interleaved", "naive mot-2 spans", "decode mot-2 batch 16"])
            Assert.Contains(word, run.Output);
        Assert.All(run.Output.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void AProfileNamesTheOperations()
    {
        var run = CliRun.Of("bench", "--presets", "tiny", "--dtypes", "fp32", "--rounds", "1", "--profile");
        Assert.Equal((ExitCode.Success, ""), (run.ExitCode, run.Error));
        foreach (var word in (string[])["a training step, dense, D 64", "a training step, mot-2 spans", "attention", "head and loss", "optimizer", "whole step"])
            Assert.Contains(word, run.Output);
    }

    [Fact]
    public void AnUnknownPresetIsRefusedWithTheKnownOnes()
    {
        var run = CliRun.Of("bench", "--presets", "small,huge");
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("there is no preset 'huge'; choose one of tiny, mini, small", run.Error);
    }
}
