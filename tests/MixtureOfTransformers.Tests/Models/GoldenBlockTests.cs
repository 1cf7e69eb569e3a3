using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>The layer against the published modules: output and every gradient.</summary>
public sealed class GoldenBlockTests
{
    /// <summary>Name of the vectors, towers, norm of queries and keys.</summary>
    public static TheoryData<string, int, QkNorm> Cases { get; } = new()
    {
        { "dense_block_causal", 1, QkNorm.None },
        { "mot_block_causal", 3, QkNorm.None },
        { "mot_block_causal_qknorm", 3, QkNorm.Rms },
        { "mot_block_causal_emptymod", 3, QkNorm.Rms },
        { "mot_block_full", 3, QkNorm.None },
        { "mot_block_transfusion", 2, QkNorm.Rms },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void LayerReproducesTheReference(string name, int towers, QkNorm qkNorm)
    {
        Check(name, towers, qkNorm, ScalarType.Float64, 1e-6, CPU); // the reference is rounded to float32
        Check(name, towers, qkNorm, ScalarType.Float32, 1e-5, CPU);
    }

    /// <summary>The block of the Transfusion setting once more, with its images named in place of a mask.</summary>
    [Fact]
    public void ImagesStandForTheMaskOfTheReference() => Check("mot_block_transfusion", 2, QkNorm.Rms, ScalarType.Float64, 1e-6, CPU, byImages: true);

    internal static void Check(string name, int towers, QkNorm qkNorm, ScalarType dtype, double tolerance, Device device, bool byImages = false)
    {
        using var scope = NewDisposeScope();
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.safetensors"));
        Tensor Read(string key) => golden.Read(key).to(dtype).to(device);

        var x_BTD = Read("in.x");
        var (rows, length, dim) = ((int)x_BTD.shape[0], (int)x_BTD.shape[1], (int)x_BTD.shape[2]);
        var config = new MotConfig
        {
            VocabularySize = 1,
            Dim = dim,
            LayerCount = 1,
            HeadCount = 4,
            FeedForwardDim = 96,
            QkNorm = qkNorm,
            Modalities = [.. Enumerable.Range(0, towers).Select(i => new ModalityId($"m{i}"))],
        };
        using var layer = new MotLayer(config, 0, device, dtype);
        var parameters = layer.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        using (no_grad())
        {
            foreach (var (own, theirs) in Names(towers, qkNorm))
                parameters[own].copy_(cat([.. theirs.Select(n => Read($"w.{n}"))], 0));
        }

        var modalities = golden.Names.Contains("in.modality") ? golden.Read("in.modality").reshape(-1).data<long>().Select(m => (byte)m).ToArray() : new byte[rows * length];
        using var routing = ModalityRouting.Create(modalities, Enumerable.Range(0, towers).ToArray(), device);
        var allowed = golden.Read("in.allowed").ne(0).to(device);
        using var context = new AttentionContext(config, rows, length, device, dtype, allowed: byImages ? null : allowed.dim() == 3 ? allowed.unsqueeze(1) : allowed, rotary: false, images: byImages ? Images(modalities) : []);

        x_BTD.requires_grad_(true);
        var y_BTD = routing.Restore(layer.call(routing.Group(x_BTD.reshape(-1, dim)), routing, context)).reshape(x_BTD.shape);
        (y_BTD * Read("in.R")).sum().backward();

        AssertClose("y", Read("out.y"), y_BTD, tolerance);
        AssertClose("x.grad", Read("grad.x"), x_BTD.grad!, tolerance);
        foreach (var (own, theirs) in Names(towers, qkNorm))
            AssertClose(own, cat([.. theirs.Select(n => Read($"grad.{n}"))], 0), parameters[own].grad!, tolerance);
    }

    /// <summary>Runs of modality 1 are the images.</summary>
    private static int[] Images(byte[] modalities)
    {
        var (images, count) = (new int[modalities.Length], 0);
        for (var i = 0; i < images.Length; i++)
            images[i] = modalities[i] == 0 ? -1 : i > 0 && modalities[i - 1] == 1 ? count - 1 : count++;
        return images;
    }

    /// <summary>Our parameter names, each with the reference's tensors that it holds one above the other.</summary>
    private static IEnumerable<(string Own, string[] Theirs)> Names(int towers, QkNorm qkNorm)
    {
        for (var t = 0; t < towers; t++)
        {
            var attention = "attention.local_experts_";
            var ffn = $"feed_forward.local_experts.{t}";
            yield return ($"wqkv.{t}.weight", [$"{attention}wq.{t}.weight", $"{attention}wk.{t}.weight", $"{attention}wv.{t}.weight"]);
            yield return ($"wo.{t}.weight", [$"{attention}wo.{t}.weight"]);
            yield return ($"attention_norm.{t}.weight", [$"{attention}attention_norm.{t}.weight"]);
            yield return ($"feed_forward.{t}.w13.weight", [$"{ffn}.w1.weight", $"{ffn}.w3.weight"]);
            yield return ($"feed_forward.{t}.w2.weight", [$"{ffn}.w2.weight"]);
            yield return ($"ffn_norm.{t}.weight", [$"feed_forward.local_experts_ffn_norm.{t}.weight"]);
            if (qkNorm == QkNorm.None)
                continue;
            yield return ($"qk_norm.q.{t}.weight", [$"{attention}q_normalization.{t}.weight"]);
            yield return ($"qk_norm.k.{t}.weight", [$"{attention}k_normalization.{t}.weight"]);
        }
    }

    private static void AssertClose(string what, Tensor expected, Tensor actual, double tolerance)
    {
        var error = (expected - actual).abs().max().ToDouble();
        var scale = expected.abs().max().ToDouble();
        Assert.True(error <= tolerance * Math.Max(scale, 1e-30) || (scale == 0 && error == 0), $"{what}: off by {error:g3} where the largest value is {scale:g3}");
    }
}
