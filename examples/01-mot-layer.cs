#:project ../src/MixtureOfTransformers/MixtureOfTransformers.csproj
// One Mixture-of-Transformers layer on a sequence of text and image tokens. Run: dotnet run examples/01-mot-layer.cs
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

const byte text = 0, image = 1;
byte[] modalities = [text, text, text, image, image, image, image, text, text];

var config = ModelPresets.Get("tiny") with { LayerCount = 1 };
using var scope = NewDisposeScope();
using var generator = new Generator(seed: 1);
using var model = new MotModel(config, CPU, generator);
var layer = model.Layers[0];

// The routing says which tower each token belongs to; grouping puts the text tokens before the image tokens.
using var routing = model.Route(modalities);
Console.WriteLine($"tokens per tower: {string.Join(", ", routing.Counts)}");
Console.WriteLine($"grouped order:    {string.Join(' ', routing.Group(arange(modalities.Length)).data<long>())}");

// Algorithm 1: projections, norms and feed-forward per tower, one attention over all tokens.
var x_ND = randn([modalities.Length, config.Dim], generator: generator);
using var context = new AttentionContext(config, rowCount: 1, length: modalities.Length, CPU);
var y_ND = routing.Restore(layer.call(routing.Group(x_ND), routing, context));
Console.WriteLine($"output shape:     [{string.Join(", ", y_ND.shape)}]");

// Towers do not mix in the weights, but tokens do in attention: a changed image token reaches the text behind it, and nothing before it.
var changed_ND = x_ND.clone();
changed_ND[3] += 1;
using var second = new AttentionContext(config, rowCount: 1, length: modalities.Length, CPU);
var z_ND = routing.Restore(layer.call(routing.Group(changed_ND), routing, second));
var moved_N = (z_ND - y_ND).abs().amax([-1]).gt(1e-6);
Console.WriteLine($"tokens that moved: {string.Join(' ', moved_N.nonzero().data<long>())}");

// The dense twin: the same FLOPs per token with one set of weights instead of one per modality.
var dense = config.AsDense();
Console.WriteLine($"parameters:       {ParameterCount.Of(config).NonEmbedding} (dense: {ParameterCount.Of(dense).NonEmbedding})");
Console.WriteLine($"FLOPs per token:  {Flops.PerTokenCausal(config, 256).Forward:0} (dense: {Flops.PerTokenCausal(dense, 256).Forward:0})");
