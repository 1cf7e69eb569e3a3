// Legend: D input width, E output width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>A projection's weight [E, D] rounded to bf16 and packed for the matrix unit in one pass, in place of the cast that a product in bf16 needs anyway.</summary>
/// <param name="Forward">For x · Wᵀ: panels of outputs.</param>
/// <param name="Backward">For dy · W: panels of inputs; null where no gradient is wanted.</param>
internal sealed unsafe record PackedWeight(Tensor Forward, Tensor? Backward)
{
    /// <summary>Whether a weight can be packed.</summary>
    /// <remarks>A weight in bf16 needs no cast, so that packing would come on top.</remarks>
    public static bool Supports(Tensor weight_ED) =>
        weight_ED.dtype == ScalarType.Float32 && TensorMemory.IsReachable(weight_ED) && weight_ED.is_contiguous()
        && weight_ED.shape[0] % MatrixUnit.TermMultiple == 0 && weight_ED.shape[1] % MatrixUnit.TermMultiple == 0;

    /// <summary>Packs several weights on all cores. The tensors are owned by the caller's scope.</summary>
    /// <param name="weights_ED">The weights, fp32.</param>
    /// <param name="forBackward">Whether to pack them for the backward pass too.</param>
    public static PackedWeight[] Pack(IReadOnlyList<Tensor> weights_ED, bool forBackward)
    {
        PackedWeight[] packed = [.. weights_ED.Select(weight_ED => Allocate(weight_ED, forBackward))];
        Job[] jobs = [.. weights_ED.Zip(packed, Job.Of)];
        var pieces = jobs.SelectMany((job, i) => Enumerable.Range(0, (int)VnniPanels.CountOf(job.Outputs)).Select(panel => (Job: i, Panel: panel))).ToArray();
        Cores.For(pieces.Length, i => jobs[pieces[i].Job].Pack(pieces[i].Panel));
        return packed;
    }

    private static PackedWeight Allocate(Tensor weight_ED, bool forBackward)
    {
        var (outputs, inputs) = (weight_ED.shape[0], weight_ED.shape[1]);
        return new(empty(VnniPanels.CountOf(outputs) * VnniPanels.SizeOf(inputs), ScalarType.BFloat16), forBackward ? empty(VnniPanels.CountOf(inputs) * VnniPanels.SizeOf(outputs), ScalarType.BFloat16) : null);
    }

    private readonly record struct Job(nint Weight, int Outputs, int Inputs, nint Forward, nint Backward)
    {
        public static Job Of(Tensor weight_ED, PackedWeight packed) => new(
            (nint)TensorMemory.Pointer<Fp32>(weight_ED), (int)weight_ED.shape[0], (int)weight_ED.shape[1],
            (nint)TensorMemory.Pointer<Bf16>(packed.Forward), packed.Backward is null ? 0 : (nint)TensorMemory.Pointer<Bf16>(packed.Backward));

        /// <summary>Sixty-four outputs: one panel forward, and as many terms of every panel backward, while they are in the cache.</summary>
        public void Pack(int panel)
        {
            var first = panel * VnniPanels.Columns;
            var outputs = Math.Min(VnniPanels.Columns, Outputs - first);
            var from = (Fp32*)Weight + ((long)first * Inputs);
            VnniPanels.FromColumns(from, Inputs, outputs, Inputs, (Bf16*)Forward + (panel * VnniPanels.SizeOf(Inputs)));
            if (Backward != 0)
                VnniPanels.FromRows(from, Inputs, outputs, Inputs, (Bf16*)Backward + (first * VnniPanels.Columns), Outputs);
        }
    }
}
