using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

[Collection(nameof(ThreadCount))]
public sealed class FusedFunctionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Names => FusedCall.Names;

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void TwoRunsHaveTheSameBits(string name)
    {
        var (call, inputs) = (FusedCall.All[name], FusedCall.All[name].Inputs());
        AssertSameBits(FusedLaw.Run(call.Apply, inputs), FusedLaw.Run(call.Apply, inputs));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OneThreadAndSeveralHaveTheSameBits(string name)
    {
        var (call, inputs) = (FusedCall.All[name], FusedCall.All[name].Inputs());
        var one = ThreadCount.With(1, () => FusedLaw.Run(call.Apply, inputs));
        AssertSameBits(one, ThreadCount.With(2, () => FusedLaw.Run(call.Apply, inputs)));
        AssertSameBits(one, ThreadCount.With(3, () => FusedLaw.Run(call.Apply, inputs)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NothingIsLeftInTheSurroundingScope(string name)
    {
        var (call, inputs) = (FusedCall.All[name], FusedCall.All[name].Inputs().Select(x => x.requires_grad_(true)).ToArray());
        Step(); // makes the gradients of the inputs
        Step(); // leaves the handles that every later pass replaces
        var before = LiveTensors();
        for (var i = 0; i < 3; i++)
            Step();
        Assert.Equal(before, LiveTensors());

        void Step()
        {
            using var y = call.Apply(inputs); // no scope of its own
            using var sum = y.sum();
            sum.backward();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void WithoutGradientsThereIsTheSameResultAndNoGraph(string name)
    {
        var (call, inputs) = (FusedCall.All[name], FusedCall.All[name].Inputs().Select(x => x.requires_grad_(true)).ToArray());
        var with = call.Apply(inputs);
        Assert.True(with.requires_grad);
        using var _ = no_grad();
        var before = LiveTensors();
        var without = call.Apply(inputs);
        Assert.Equal(before + 1, LiveTensors());
        Assert.False(without.requires_grad);
        FusedLaw.AssertSameBits(with.detach(), without);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void InputsThatNeedNoGradientMakeNoGraph(string name) => Assert.False(FusedCall.All[name].Apply(FusedCall.All[name].Inputs()).requires_grad);

    [Theory]
    [MemberData(nameof(Names))]
    public void InputsWithoutGradientGetNoneAndTheOthersTheSame(string name)
    {
        var (call, inputs) = (FusedCall.All[name], FusedCall.All[name].Inputs());
        var all = FusedLaw.Run(call.Apply, inputs);
        for (var only = 0; only < inputs.Length; only++)
        {
            Tensor[] own = [.. inputs.Select((x, i) => x.detach().clone().requires_grad_(i == only))];
            var y = call.Apply(own);
            (y * FusedLaw.Random(y.shape, 99, y.dtype)).sum().backward();
            FusedLaw.AssertSameBits(all[1 + only], own[only].grad!);
            Assert.All(own.Where((_, i) => i != only), x => Assert.Null(x.grad));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsAddUpOverTwoPasses(string name)
    {
        var (call, inputs) = (FusedCall.All[name], FusedCall.All[name].Inputs());
        var once = FusedLaw.Run(call.Apply, inputs);
        Tensor[] own = [.. inputs.Select(x => x.detach().clone().requires_grad_(true))];
        for (var pass = 0; pass < 2; pass++)
        {
            var y = call.Apply(own);
            (y * FusedLaw.Random(y.shape, 99, y.dtype)).sum().backward();
        }
        Assert.All(own, (x, i) => FusedLaw.AssertClose("sum", 2 * once[1 + i], x.grad!, 1e-6));
    }

    private static long LiveTensors() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    private static void AssertSameBits(Tensor[] expected, Tensor[] actual) => Assert.All(expected, (x, i) => FusedLaw.AssertSameBits(x, actual[i]));

    [Fact]
    public void AnErrorInBackwardIsThrownByWhoComesNext()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var x = randn([4, 64], generator: generator).requires_grad_();
        var sum = FusedSwiGlu.Apply(x).sum();
        sum.backward(retain_graph: true);
        BackwardFailure.ThrowIfAny();
        sum.backward(); // what the first pass used is gone
        Assert.ThrowsAny<Exception>(() => FusedSwiGlu.Apply(x));
        FusedSwiGlu.Apply(x).sum().backward();
        BackwardFailure.ThrowIfAny();
    }
}
