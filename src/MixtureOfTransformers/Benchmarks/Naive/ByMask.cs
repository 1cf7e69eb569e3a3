// Legend: N packed tokens in sequence order, n tokens of one modality.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks.Naive;

/// <summary>One copy of a module per modality, as in the published sketch: a boolean mask picks each modality's tokens, and a masked assignment puts the results back.</summary>
/// <typeparam name="TModule">A module that treats rows independently.</typeparam>
internal sealed class ByMask<TModule> : nn.Module<Tensor, Tensor[], Tensor>
    where TModule : nn.Module<Tensor, Tensor>
{
    private readonly TModule[] _copies;

    /// <param name="copies">One by modality.</param>
    public ByMask(IEnumerable<TModule> copies) : base($"ByMask<{typeof(TModule).Name}>")
    {
        _copies = [.. copies];
        for (var modality = 0; modality < _copies.Length; modality++)
            register_module($"{modality}", _copies[modality]);
    }

    /// <param name="x">Rows in sequence order, [N, …].</param>
    /// <param name="masks">Which tokens each modality has, [N], Bool.</param>
    /// <returns>[N, …] in sequence order, owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x, Tensor[] masks)
    {
        Tensor? merged = null;
        for (var modality = 0; modality < _copies.Length; modality++)
        {
            var mask = TensorIndex.Tensor(masks[modality]);
            var result = _copies[modality].call(x.index(mask));
            merged ??= empty([x.shape[0], .. result.shape[1..]], result.dtype, x.device);
            merged.index_put_(result, mask);
        }
        return merged!;
    }
}
