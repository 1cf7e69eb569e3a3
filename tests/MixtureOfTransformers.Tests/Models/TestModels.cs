using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Tiny models and inputs for law tests.</summary>
internal static class TestModels
{
    public static MotConfig Config(int modalities = 2, NormPlacement norm = NormPlacement.Output, QkNorm qkNorm = QkNorm.Rms) => new()
    {
        VocabularySize = 50,
        Dim = 32,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        FeedForwardDim = 48,
        Modalities = [.. new[] { ModalityId.Text, ModalityId.Image, ModalityId.Speech }.Take(modalities)],
        NormPlacement = norm,
        QkNorm = qkNorm,
        MaxSequenceLength = 64,
    };

    /// <summary>A model in float64 with norm weights away from 1, so that a law cannot hold by accident.</summary>
    public static MotModel Create(MotConfig config, int seed, ScalarType dtype = ScalarType.Float64)
    {
        var generator = new Generator((ulong)seed);
        var model = new MotModel(config, CPU, generator, dtype, dtype);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var parameter in model.parameters().Where(p => p.dim() == 1))
            parameter.copy_(1 + 0.2 * randn(parameter.shape, generator: generator));
        return model;
    }

    /// <summary>A model of the same weights, in fp32, on a device.</summary>
    public static MotModel On(Device device, MotModel source, ScalarType computeType)
    {
        var model = new MotModel(source.Config, device, null, computeType);
        CopyTowers(source, model, tower => tower);
        return model;
    }

    /// <summary>Copies weights into <paramref name="target"/>, taking each tower from <paramref name="sourceTower"/> of the source.</summary>
    public static void CopyTowers(MotModel source, MotModel target, Func<int, int> sourceTower)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var from = source.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, parameter) in target.named_parameters())
            parameter.copy_(from[MapTower(name, sourceTower)]);
    }

    /// <summary>Logits for rows of tokens, [B, T, V], owned by the caller's scope.</summary>
    public static Tensor Run(MotModel model, long[] tokens, byte[] modalities, int rows = 1)
    {
        using var scope = NewDisposeScope();
        using var routing = model.Route(modalities);
        using var context = new AttentionContext(model.Config, rows, tokens.Length / rows, model.Device, model.ComputeType);
        return model.call(tensor(tokens, [rows, tokens.Length / rows], device: model.Device), routing, context).MoveToOuterDisposeScope();
    }

    public static double Difference(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return (a - b).abs().max().ToDouble();
    }

    /// <summary>Tower numbers stand after the part's name: "layers.3.wo.1.weight", "norm.0.weight".</summary>
    private static string MapTower(string name, Func<int, int> sourceTower)
    {
        var parts = name.Split('.');
        var first = parts[0] == "layers" ? 2 : 0;
        for (var i = first; i < parts.Length; i++)
            if (int.TryParse(parts[i], out var tower))
                parts[i] = sourceTower(tower).ToString();
        return string.Join('.', parts);
    }
}
