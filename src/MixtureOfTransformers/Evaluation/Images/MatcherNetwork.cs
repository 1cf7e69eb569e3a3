// Legend: B images or captions, C channels, H rows, W columns, F features, E width of what is compared, L hashes of all captions.
using MixtureOfTransformers.Tokenizers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>The network of a <see cref="CaptionMatcher"/>: images by three convolutions, mean and maximum over places and a projection to their features; captions by the mean of their hashes'
/// vectors; a projection of each to directions that are compared.</summary>
internal sealed class MatcherNetwork : nn.Module
{
    /// <summary>Numbers of an image's features.</summary>
    public const int FeatureCount = 64;
    private const double ReluGain = 1.4142135623730951;
    private const int Near = 16;
    private const int Middle = 32;
    private const int Far = 64;

    [ComponentName(Name = "near")] private readonly Convolution _near;
    [ComponentName(Name = "middle")] private readonly Convolution _middle;
    [ComponentName(Name = "far")] private readonly Convolution _far;
    [ComponentName(Name = "features")] private readonly Convolution _features;
    [ComponentName(Name = "image_head")] private readonly Convolution _imageHead;
    [ComponentName(Name = "hashes")] private readonly Parameter _hashes_LE;
    [ComponentName(Name = "caption")] private readonly Convolution _caption;
    [ComponentName(Name = "caption_head")] private readonly Convolution _captionHead;

    public MatcherNetwork(int channels, Generator generator) : base(nameof(MatcherNetwork))
    {
        _near = new(channels, Near, 3);
        _middle = new(Near, Middle, 3);
        _far = new(Middle, Far, 3);
        _features = new(2 * Far, FeatureCount, 1);
        _imageHead = new(FeatureCount, FeatureCount, 1);
        _hashes_LE = new(randn([CaptionHashes.Count, FeatureCount], generator: generator));
        _caption = new(FeatureCount, FeatureCount, 1);
        _captionHead = new(FeatureCount, FeatureCount, 1);
        RegisterComponents();
        foreach (var layer in (Convolution[])[_near, _middle, _far, _caption])
            layer.Initialize(ReluGain, generator);
        foreach (var layer in (Convolution[])[_features, _imageHead, _captionHead])
            layer.Initialize(1, generator);
        foreach (var weight in state_dict().Values)
            weight.DetachFromDisposeScope(); // it lives until it is disposed, wherever it was built
    }

    /// <param name="x_BCHW">[B, C, H, W] from -1 to 1.</param>
    /// <returns>[B, F], owned by the caller's scope.</returns>
    public Tensor Features(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        var h_BCHW = Halve(_near.call(x_BCHW).relu());
        h_BCHW = Halve(_middle.call(h_BCHW).relu());
        h_BCHW = _far.call(h_BCHW).relu();
        return _features.call(cat([h_BCHW.mean([2, 3], keepdim: true), h_BCHW.amax([2, 3], keepdim: true)], 1)).flatten(1).MoveToOuterDisposeScope();
    }

    /// <param name="features_BF">From <see cref="Features"/>.</param>
    /// <returns>[B, E] of length 1, owned by the caller's scope.</returns>
    public Tensor Directions(Tensor features_BF)
    {
        using var scope = NewDisposeScope();
        return Direction(_imageHead.call(Places(features_BF.relu()))).MoveToOuterDisposeScope();
    }

    /// <param name="captions">Hashes of each, from <see cref="CaptionHashes"/>.</param>
    /// <returns>[B, E] of length 1, owned by the caller's scope.</returns>
    public Tensor Directions(IReadOnlyList<long[]> captions)
    {
        using var scope = NewDisposeScope();
        var owners = captions.SelectMany((hashes, caption) => hashes.Select(_ => (long)caption)).ToArray();
        var vectors_LE = _hashes_LE.index_select(0, tensor(captions.SelectMany(h => h).ToArray()));
        var sums_BE = zeros(captions.Count, FeatureCount).index_add(0, tensor(owners), vectors_LE, 1);
        var means_BE = sums_BE / tensor(captions.Select(h => (float)h.Length).ToArray()).unsqueeze(1);
        return Direction(_captionHead.call(_caption.call(Places(means_BE)).relu())).MoveToOuterDisposeScope();
    }

    private static Tensor Places(Tensor x_BE) => x_BE.unsqueeze(2).unsqueeze(3);

    private static Tensor Direction(Tensor x_BE11) => nn.functional.normalize(x_BE11.flatten(1), dim: 1);

    private static Tensor Halve(Tensor x_BCHW) => nn.functional.max_pool2d(x_BCHW, [2, 2]);
}
