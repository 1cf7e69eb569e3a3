using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class PlanCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ThePapersSevenBillionIsPlannedFromItsName()
    {
        var plan = Json("7b", "--devices", "384", "--shard", "full", "--checkpoint-activations");
        Assert.Equal(13_489_430_528, plan.GetProperty("parameters").GetInt64());
        Assert.Equal(377_487_360_000, plan.GetProperty("tokens").GetInt64());
        Assert.Equal(("full", "bf16", 384, 2, 4096), (plan.GetProperty("sharding").GetString(), plan.GetProperty("compute").GetString(),
            plan.GetProperty("devices").GetInt32(), plan.GetProperty("batch_rows").GetInt32(), plan.GetProperty("sequence_length").GetInt32()));
        Assert.Equal(4 * 35_128_726, plan.GetProperty("memory_bytes").GetProperty("weights").GetInt64());
        Assert.Equal(plan.GetProperty("total_bytes").GetInt64(), plan.GetProperty("memory_bytes").EnumerateObject().Sum(line => line.Value.GetInt64()));
        Assert.Equal(["a100", "h100", "h200"], plan.GetProperty("machines").EnumerateArray().Select(m => m.GetProperty("name").GetString()));
        var a100 = plan.GetProperty("machines")[0];
        Assert.True(a100.GetProperty("fits").GetBoolean());
        Assert.Equal(120_000, a100.GetProperty("steps").GetInt64());
        Assert.True(a100.GetProperty("cost_usd").GetDouble() > 0);
        Assert.Contains(plan.GetProperty("assumptions").EnumerateArray(), line => line.GetString()!.Contains("communication"));
    }

    [Fact]
    public void WhatDoesNotFitIsToldTheOptionsThatMakeItFit()
    {
        var remedy = Json("7b", "--machine", "a100").GetProperty("machines")[0].GetProperty("remedy").GetString()!;
        Assert.Equal("--devices 4 --shard full --checkpoint-activations", remedy);
        Assert.True(Json(["7b", "--machine", "a100", .. remedy.Split(' ')]).GetProperty("machines")[0].GetProperty("fits").GetBoolean());
    }

    [Fact]
    public void ARecipeIsPlannedWithoutItsDataAndOptionsReplaceItsValues()
    {
        var plan = Json(Repository.PathTo("recipes", "openmoji.json"));
        Assert.Equal(plan.GetProperty("tokens_per_step").GetInt64(), plan.GetProperty("batch_rows").GetInt64() * plan.GetProperty("sequence_length").GetInt64());
        Assert.Equal("fp32", plan.GetProperty("compute").GetString());
        var changed = Json(Repository.PathTo("recipes", "openmoji.json"), "--batch-rows", "3", "--sequence-length", "300", "--compute", "bf16", "--tokens", "1e9", "--architecture", "dense", "--price-per-hour", "3.5");
        Assert.Equal((900, 1_000_000_000, 1), (changed.GetProperty("tokens_per_step").GetInt64(), changed.GetProperty("tokens").GetInt64(), changed.GetProperty("towers").GetInt32()));
        Assert.Equal(3.5, changed.GetProperty("machines")[0].GetProperty("price_per_hour").GetDouble());
    }

    [Fact]
    public void DevicesWithRowsOfTheirOwnMakeLargerStepsOfTheSameTokens()
    {
        var recipe = Repository.PathTo("recipes", "openmoji.json");
        var (one, eight) = (Json(recipe), Json(recipe, "--devices", "8"));
        Assert.Equal(8 * one.GetProperty("tokens_per_step").GetInt64(), eight.GetProperty("tokens_per_step").GetInt64());
        Assert.Equal(one.GetProperty("tokens").GetInt64(), eight.GetProperty("tokens").GetInt64());
        Assert.Equal(one.GetProperty("tokens").GetInt64(), Json(recipe, "--batch-rows", "1").GetProperty("tokens").GetInt64());
        static double Seconds(JsonElement plan) => plan.GetProperty("machines")[0].GetProperty("seconds").GetDouble();
        Assert.Equal(Seconds(one) / 8, Seconds(eight), 1e-9 * Seconds(one));
    }

    [Fact]
    public void MinutesInARecipeBecomeTheStepsThatFit()
    {
        AtomicFile.WriteText(_folder.File("timed.json"), """{ "name": "timed", "training": { "minutes": 2, "activation_checkpointing": true } }""");
        var plan = Json(_folder.File("timed.json"));
        Assert.Equal(JsonValueKind.Null, plan.GetProperty("tokens").ValueKind);
        Assert.True(plan.GetProperty("activation_checkpointing").GetBoolean());
        Assert.Equal(120, plan.GetProperty("machines")[0].GetProperty("seconds").GetDouble());
        Assert.True(plan.GetProperty("machines")[0].GetProperty("steps").GetInt64() > 0);
        Assert.Contains("steps in the time", CliRun.Of("plan", _folder.File("timed.json")).Output);
    }

    [Fact]
    public void ThisMachineIsMeasured()
    {
        var cpu = Json("tiny", "--machine", "cpu").GetProperty("machines")[0];
        Assert.True(cpu.GetProperty("peak_flops_per_second").GetDouble() > 1e8);
        Assert.Equal(JsonValueKind.Null, cpu.GetProperty("cost_usd").ValueKind);
    }

    [Fact]
    public void APersonReadsWhatFitsAndWhatIsAssumed()
    {
        var output = CliRun.Of("plan", "7b", "--devices", "8", "--shard", "full").Output;
        foreach (var words in new[] { "13 489 430 528 parameters", "Adam's two moments", "activations of the layers", "a100: fits (67.0 of 80.0 GB)", "communication between devices is not modelled" })
            Assert.Contains(words, output);
        Assert.Contains("does not fit", CliRun.Of("plan", "7b").Output);
    }

    [Theory]
    [InlineData("--machine", "tpu", "must be one of")]
    [InlineData("--devices", "0", "must be positive")]
    [InlineData("--batch-rows", "-1", "must be positive")]
    public void ImpossibleValuesAreRefused(string option, string value, string problem)
    {
        var run = CliRun.Of("plan", "7b", option, value);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(problem, run.Error);
    }

    [Fact]
    public void NeitherRecipeNorPresetIsNamed()
    {
        Assert.Contains("there is no preset", CliRun.Of("plan", "8b").Error);
        Assert.Contains("does not exist", CliRun.Of("plan", "nowhere.json").Error);
    }

    private static JsonElement Json(params string[] arguments)
    {
        var run = CliRun.Of(["plan", .. arguments, "--json"]);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
