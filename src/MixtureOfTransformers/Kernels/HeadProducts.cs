// Legend: C rows of a chunk, D model width, V vocabulary.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>The three products of a chunk of the head. Each instance holds the head in the form that its products read, for all chunks.</summary>
internal abstract class HeadProducts
{
    /// <summary>Those that fit the head and the dtype of the states; in memory of the caller's scope.</summary>
    /// <param name="weight_VD">The head.</param>
    /// <param name="x_ND">The states.</param>
    /// <param name="differentiate">Whether gradients will be wanted.</param>
    public static HeadProducts Of(Tensor weight_VD, Tensor x_ND, bool differentiate) =>
        MatrixUnit.Takes(x_ND) && PackedWeight.Supports(weight_VD) ? new Packed(weight_VD, differentiate) : new Plain(weight_VD.to(x_ND.dtype));

    /// <summary>x · Wᵀ, [C, V].</summary>
    public abstract Tensor Logits(Tensor x_CD);

    /// <summary>dx = dlogits · W.</summary>
    public abstract void StateGradient(Tensor dLogits_CV, Tensor dx_CD);

    /// <summary>dW += dlogitsᵀ · x, in fp32.</summary>
    public abstract void AddWeightGradient(Tensor dLogits_CV, Tensor x_CD, Tensor dWeight_VD);

    private sealed class Plain(Tensor weight_VD) : HeadProducts
    {
        public override Tensor Logits(Tensor x_CD) => x_CD.mm(weight_VD.t());

        public override void StateGradient(Tensor dLogits_CV, Tensor dx_CD) => dx_CD.addmm_(dLogits_CV, weight_VD, beta: 0, alpha: 1);

        public override void AddWeightGradient(Tensor dLogits_CV, Tensor x_CD, Tensor dWeight_VD)
        {
            if (x_CD.dtype == dWeight_VD.dtype)
                dWeight_VD.addmm_(dLogits_CV.t(), x_CD, beta: 1, alpha: 1);
            else
                dWeight_VD.add_(dLogits_CV.t().mm(x_CD));
        }
    }

    private sealed class Packed(Tensor weight_VD, bool differentiate) : HeadProducts
    {
        private readonly PackedWeight _weight = PackedWeight.Pack([weight_VD], differentiate)[0];
        private readonly long _vocabulary = weight_VD.shape[0], _width = weight_VD.shape[1];

        public override Tensor Logits(Tensor x_CD)
        {
            var logits_CV = empty(x_CD.shape[0], _vocabulary, ScalarType.BFloat16);
            PackedProduct.Run([PackedProduct.Block.Of(x_CD, _weight.Forward, logits_CV)]);
            return logits_CV;
        }

        public override void StateGradient(Tensor dLogits_CV, Tensor dx_CD) => PackedProduct.Run([PackedProduct.Block.Of(dLogits_CV, _weight.Backward!, dx_CD)]);

        public override void AddWeightGradient(Tensor dLogits_CV, Tensor x_CD, Tensor dWeight_VD) => PackedWeightGradient.Run([PackedWeightGradient.Block.Of(dLogits_CV, x_CD, dWeight_VD)]);
    }
}
