using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class WeightGradientTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static MatrixTheoryData<ScalarType, ScalarType, int> Cases { get; } =
        new([ScalarType.Float32, ScalarType.BFloat16], [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64], [24, 9]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void ProductsAreAddedToTheGradientThatIsThereOrBecomeTheFirst(ScalarType dtype, ScalarType weightType, int width)
    {
        var (dy_ME, x_MD) = (FusedLaw.Random([30, 8], 1, dtype), FusedLaw.Random([30, width], 2, dtype));
        var weight_ED = zeros([8, width], weightType).requires_grad_(true);
        var expected_ED = dy_ME.t().to(ScalarType.Float64).mm(x_MD.to(ScalarType.Float64));
        var tolerance = FusedLaw.Tolerance(dtype == ScalarType.BFloat16 ? dtype : weightType);
        var first_ED = WeightGradient.Add(weight_ED, dy_ME, x_MD);
        FusedLaw.AssertClose("first", expected_ED, first_ED!, tolerance);

        var there_ED = FusedLaw.Random([8, width], 3, weightType);
        weight_ED.grad = there_ED.clone();
        Assert.Null(WeightGradient.Add(weight_ED, dy_ME, x_MD));
        Assert.Equal(weightType, weight_ED.grad!.dtype);
        FusedLaw.AssertClose("sum", there_ED.to(ScalarType.Float64) + expected_ED, weight_ED.grad!, tolerance);
    }
}
