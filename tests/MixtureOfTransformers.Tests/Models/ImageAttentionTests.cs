using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Causal attention with full attention inside each image.</summary>
public sealed class ImageAttentionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData("transfusion_mask")]
    [InlineData("transfusion_mask_edge")]
    public void SpansAllowWhatTheReferenceAllows(string name)
    {
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.safetensors"));
        int[] images = [.. golden.Read("in.image_id").data<long>().Select(id => (int)id)];
        var expected = golden.Read("out.allowed").data<long>().ToArray();
        var limits = AttentionSpans.LimitsOf(images, [], images.Length);
        for (var query = 0; query < images.Length; query++)
            for (var key = 0; key < images.Length; key++)
                Assert.Equal(expected[(query * images.Length) + key] == 1, key < limits[query]);
    }

    [Fact]
    public void ImagesEndWithTheirDocumentAndTheirRow()
    {
        int[] images = [0, 0, 0, 0, 0, 0, -1, 1];
        Assert.Equal([2, 2, 2, 2, 2, 2, 3, 4], AttentionSpans.LimitsOf(images, [0, 0, 1, 1, 0, 0, 0, 0], length: 4));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NothingButItsOwnImageSeesLaterTokens(bool fused)
    {
        var config = TestImages.Config() with { Dim = 64, HeadCount = 2, KeyValueHeadCount = 2 };
        using var model = TestModels.Create(config, 3, ScalarType.Float32);
        using var kernels = fused ? null : FusedKernels.Off();
        var batch = TestImages.Batch([5, 7], [9]);
        var images = batch.ImageOfToken;
        var before = Run(model, batch);
        for (var changed = 0; changed < batch.Inputs.Length; changed++)
        {
            if (batch.Segments[changed] == Batch.PaddingSegment)
                continue;
            var after = Run(model, Changed(batch, changed));
            for (var token = 0; token < batch.Inputs.Length; token++)
            {
                var sees = token / batch.Length == changed / batch.Length && batch.Segments[token] == batch.Segments[changed] && (changed <= token || (images[token] >= 0 && images[token] == images[changed]));
                var difference = TestModels.Difference(before[token], after[token]);
                Assert.True(batch.Segments[token] == Batch.PaddingSegment || (sees ? difference > 1e-6 : difference < 1e-6), $"token {token} moves by {difference:g2} when {changed} changes");
            }
        }
    }

    [Fact]
    public void PairsAreCountedAsTheyAreCompared()
    {
        var batch = TestImages.Batch([5, 7], [9]);
        var limits = AttentionSpans.LimitsOf(batch.ImageOfToken, batch.Segments, batch.Length);
        Assert.Equal(limits.Where((_, token) => batch.Segments[token] != Batch.PaddingSegment).Sum(), batch.AttendedPairs);
        Assert.Equal(Flops.AttendedPairs(12, 5, 3), new Batch(1, 12, new long[12], new byte[12], new long[12], new byte[12], images: new(1, [new(0, 5, false), new(6, 3, false)], new float[8])).AttendedPairs);
    }

    /// <summary>A text id that changes, or a patch.</summary>
    private static Batch Changed(Batch batch, int token)
    {
        var (inputs, patches) = ((long[])batch.Inputs.Clone(), (float[])batch.Images!.Patches.Clone());
        if (Array.IndexOf(batch.Images.Tokens, token) is >= 0 and var patch)
            patches[patch * TestImages.PatchDim] += 3;
        else
            inputs[token] = (inputs[token] + 7) % TestImages.Patch;
        return new(batch.RowCount, batch.Length, inputs, batch.Modalities, batch.Targets, batch.TargetModalities, batch.Segments, new(TestImages.PatchDim, batch.Images.Spans, patches));
    }

    private static Tensor Run(MotModel model, Batch batch)
    {
        using var _ = no_grad();
        using var pass = new BatchPass(model, batch);
        return pass.Routing.Restore(pass.HiddenStates());
    }
}
