using System.Globalization;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot evaluate</c> tells: a loss, and for a model with experts or gates that choose among tokens also the loss of causal routing.</summary>
/// <param name="Loss">Mean over all target tokens, nats.</param>
/// <param name="ModalityLoss">The same by modality.</param>
/// <param name="Targets">Target tokens.</param>
/// <param name="Causal">Null where the model is causal as it is.</param>
internal sealed record EvaluateReport(double Loss, IReadOnlyDictionary<string, double> ModalityLoss, long Targets, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CausalLoss? Causal)
{
    /// <summary>Squared error of denoised images by the level of noise, where images are denoised.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? DenoisingLoss { get; init; }

    /// <summary>How it hears and speaks; null where that was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SpeechQuality? Speech { get; init; }

    /// <summary>How it draws and describes; null where that was not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImageQuality? Images { get; init; }

    public void Print(long step, string choosers, CliConsole console)
    {
        console.Output.WriteLine($"step {step}: validation loss {TrainingDisplay.Losses(Loss, ModalityLoss)} over {Targets} tokens{(DenoisingLoss is null ? "" : " and patches")}");
        if (DenoisingLoss is not null)
            console.Output.WriteLine($"Squared error by level of noise: {string.Join("  ", DenoisingLoss.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key} {p.Value:0.000}")))}");
        if (Speech is not null)
            ReportConsole.Print(SpeechTable.Of(Speech), console);
        if (Images is not null)
            ReportConsole.Print(ImageQualityTable.Of(Images), console);
        if (Causal is not { } causal)
            return;
        var how = causal.Routing == ExpertRouting.Auxiliary ? "auxiliary routers" : "each token choosing by its scores";
        console.Output.WriteLine($"That is with the routing of training, where {choosers} look at later tokens. Causal, by {how}: {TrainingDisplay.Losses(causal.Loss.Loss, causal.Loss.ModalityLoss)}");
        if (causal.Routing == ExpertRouting.TokenChoice)
            console.Output.WriteLine("Auxiliary routers come nearer: mot train-routers RUN");
    }
}

/// <summary>The loss of a model that decides token by token.</summary>
internal sealed record CausalLoss([property: JsonConverter(typeof(SnakeCaseEnumConverter<ExpertRouting>))] ExpertRouting Routing, ValidationLoss Loss);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(EvaluateReport))]
internal sealed partial class EvaluateJson : JsonSerializerContext;
