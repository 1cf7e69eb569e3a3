namespace MixtureOfTransformers.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void TorchAdds() => Assert.Equal(3f, (TorchSharp.torch.tensor(1f) + TorchSharp.torch.tensor(2f)).item<float>());
}
