using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;
using Linear = MixtureOfTransformers.Models.Linear;

namespace MixtureOfTransformers.Tests.Training;

/// <summary>Five steps of a small model, from the embedding to the updated weights, against the published modules under PyTorch.</summary>
public sealed class GoldenTrainingTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-6, 1e-3)]
    [InlineData(ScalarType.Float64, 1e-6, 1e-6)] // the reference is rounded to float32
    public void FiveStepsReproduceTheReference(ScalarType dtype, double lossTolerance, double weightTolerance) => Check(dtype, lossTolerance, weightTolerance, CPU);

    internal static void Check(ScalarType dtype, double lossTolerance, double weightTolerance, Device device)
    {
        using var scope = NewDisposeScope();
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "mot_lm_train5.safetensors"));
        var config = new MotConfig { VocabularySize = 48, Dim = 32, LayerCount = 2, HeadCount = 4, FeedForwardDim = 96, Modalities = [ModalityId.Text, ModalityId.Image] };
        using var model = new ReferenceModel(config, dtype, device);
        model.CopyFrom(golden, "w");
        using var parameters = new FlatParameters(model);
        using var optimizer = new AdamW(parameters, new() { WeightDecay = 0.1, DecayAll = true });
        using var routing = ModalityRouting.Create([.. golden.Read("in.modality").reshape(-1).data<long>().Select(m => (byte)m)], [0, 1], device);
        using var context = new AttentionContext(config, 2, 24, device, dtype, rotary: false);
        for (var step = 0; step < 5; step++)
        {
            using var stepScope = NewDisposeScope();
            var logits_NV = routing.Restore(model.call(golden.Read("in.tokens").to(device), routing, context));
            if (step == 0)
                AssertClose("logits", golden.Read("out.logits0").reshape(-1, 48), logits_NV, 1e-5);
            var loss = nn.functional.cross_entropy(logits_NV, golden.Read("in.targets").reshape(-1).to(device), ignore_index: Batch.IgnoredTarget);
            loss.backward();
            var norm = parameters.GradientNorm();
            AssertClose($"loss {step}", golden.Read("out.losses")[step], loss, lossTolerance);
            AssertClose($"gradient norm {step}", golden.Read("out.grad_norms")[step], norm, 1e-5);
            optimizer.Step(1e-2, FlatParameters.ClipScale(norm.ToDouble(), 1));
        }
        foreach (var (name, value) in model.Read(golden, "w_after5"))
            AssertClose(name, value, model.get_parameter(name)!, weightTolerance);
    }

    private static void AssertClose(string what, Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var error = (expected.to(ScalarType.Float64) - actual.cpu()).abs().max().ToDouble() / expected.abs().max().ToDouble();
        Assert.True(error <= tolerance, $"{what} is off by {error:g3}");
    }

    /// <summary>Our layers in the reference's frame, whose final norm is one for all towers.</summary>
    private sealed class ReferenceModel : nn.Module<Tensor, ModalityRouting, AttentionContext, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter embed;
        private readonly TorchSharp.Modules.ModuleList<MotLayer> layers;
        private readonly RmsNorm final_norm;
        private readonly Linear head;

        public ReferenceModel(MotConfig config, ScalarType dtype, Device device) : base(nameof(ReferenceModel))
        {
            embed = new TorchSharp.Modules.Parameter(empty(config.VocabularySize, config.Dim, dtype: dtype, device: device));
            layers = [new MotLayer(config, 0, device, dtype), new MotLayer(config, 1, device, dtype)];
            final_norm = new RmsNorm(config.Dim, config.NormEpsilon, device, dtype);
            head = new Linear(config.Dim, config.VocabularySize, device, dtype);
            RegisterComponents();
        }

        public override Tensor forward(Tensor tokens_BT, ModalityRouting routing, AttentionContext context)
        {
            var xm_ND = embed.index_select(0, routing.Group(tokens_BT.reshape(-1)));
            foreach (var layer in layers)
                xm_ND = layer.call(xm_ND, routing, context);
            return head.call(final_norm.call(xm_ND));
        }

        public void CopyFrom(SafetensorsFile golden, string prefix)
        {
            using var _ = no_grad();
            foreach (var (name, value) in Read(golden, prefix))
                get_parameter(name)!.copy_(value);
        }

        public IEnumerable<(string Name, Tensor Value)> Read(SafetensorsFile golden, string prefix) =>
            named_parameters().Select(p => (p.name, cat([.. Theirs(p.name).Select(n => golden.Read($"{prefix}.{n}"))], 0)));

        /// <summary>The reference's tensors that one of ours holds one above the other.</summary>
        private static string[] Theirs(string name) => name.Split('.') switch
        {
            ["embed"] => ["embed.weight"],
            ["layers", var l, "wqkv", var t, "weight"] => [.. "qkv".Select(x => $"layers.{l}.attention.local_experts_w{x}.{t}.weight")],
            ["layers", var l, "wo", var t, "weight"] => [$"layers.{l}.attention.local_experts_wo.{t}.weight"],
            ["layers", var l, "attention_norm", var t, "weight"] => [$"layers.{l}.attention.local_experts_attention_norm.{t}.weight"],
            ["layers", var l, "qk_norm", var x, var t, "weight"] => [$"layers.{l}.attention.local_experts_{x}_normalization.{t}.weight"],
            ["layers", var l, "feed_forward", var t, "w13", "weight"] => [.. "13".Select(x => $"layers.{l}.feed_forward.local_experts.{t}.w{x}.weight")],
            ["layers", var l, "feed_forward", var t, "w2", "weight"] => [$"layers.{l}.feed_forward.local_experts.{t}.w2.weight"],
            ["layers", var l, "ffn_norm", var t, "weight"] => [$"layers.{l}.feed_forward.local_experts_ffn_norm.{t}.weight"],
            _ => [name],
        };
    }
}
