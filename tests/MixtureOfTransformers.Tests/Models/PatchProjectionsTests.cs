using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

public sealed class PatchProjectionsTests : IDisposable
{
    private const int Columns = 3, Rows = 2, Channels = 2, Size = 4;
    private static readonly PatchGrid Grid = new(Columns * Size, Rows * Size, Channels, Size);
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void AUnetSeesPatchesWhereTheyAreInTheImage()
    {
        using var unet = new PatchUnet(Settings(unet: true), 8, CPU, ScalarType.Float32);
        var cells_IHKC = randn(2, Grid.Height, Grid.Width, Channels);
        var patches = cells_IHKC.unbind(0).SelectMany(image => Grid.Cut(image.contiguous().data<float>().ToArray())).ToArray();
        var patches_PX = tensor(patches, [2 * Grid.PatchCount, Grid.PatchDim]);
        Assert.Equal(0, TestModels.Difference(cells_IHKC.permute(0, 3, 1, 2), unet.ToCells(patches_PX, 2)));
        Assert.Equal(0, TestModels.Difference(patches_PX, unet.ToPatches(unet.ToCells(patches_PX, 2))));
    }

    /// <summary>Each prediction depends on the noise level, the states, and by way of the skips on the noised image; that of one image never on another.</summary>
    [Fact]
    public void AUnetPredictsFromTheStatesAndFromWhatItSawOfTheSameImage()
    {
        using var model = Model(Settings(unet: true));
        var (patches, states) = (randn(2 * Grid.PatchCount, Grid.PatchDim), randn(2 * Grid.PatchCount, model.Config.Dim));
        var plain = Predict(model, patches, states, 100, 200);
        Assert.Equal(0, TestModels.Difference(plain, Predict(model, patches, states, 100, 200)));
        var otherStates = states.clone();
        otherStates[0].add_(1);
        var otherPatches = patches.clone();
        otherPatches[0].add_(1);
        foreach (var changed in new[] { Predict(model, patches, otherStates, 100, 200), Predict(model, otherPatches, states, 100, 200), Predict(model, patches, states, 900, 200) })
        {
            Assert.True(TestModels.Difference(plain[..Grid.PatchCount], changed[..Grid.PatchCount]) > 1e-4);
            Assert.True(TestModels.Difference(plain[Grid.PatchCount..], changed[Grid.PatchCount..]) < 1e-6);
        }
    }

    [Fact]
    public void EveryWeightOfAUnetLearnsAndItsFirstPredictionIsZero()
    {
        using var generator = new Generator(1);
        using var fresh = new MotModel(TestModels.Config() with { Diffusion = Settings(unet: true) }, CPU, generator);
        var states = randn(Grid.PatchCount, fresh.Config.Dim);
        Assert.Equal(0, Predict(fresh, randn(Grid.PatchCount, Grid.PatchDim), states, 100).abs().max().ToSingle());

        using var model = Model(Settings(unet: true));
        var embedded = Embed(model, randn(Grid.PatchCount, Grid.PatchDim), 100);
        using var routing = model.Route([.. Enumerable.Repeat((byte)1, Grid.PatchCount)]);
        model.PredictPatches(states + embedded.Vectors, embedded, routing).square().sum().backward();
        Assert.All(model.named_parameters().Where(p => p.name.StartsWith("patches.", StringComparison.Ordinal)), p => Assert.True(p.parameter.grad?.abs().max().ToSingle() > 0, p.name));
    }

    [Fact]
    public void GridPositionsTellRowsAndColumnsApartAndAreTheSameInEveryImage()
    {
        using var model = Model(Settings(unet: false) with { GridPositions = true });
        var vectors = Embed(model, zeros(2 * Grid.PatchCount, Grid.PatchDim), 100, 100).Vectors;
        Assert.True(TestModels.Difference(vectors[..Grid.PatchCount], vectors[Grid.PatchCount..]) < 1e-6);
        var half = model.Config.Dim / 2;
        for (var patch = 0; patch < Grid.PatchCount; patch++)
            for (var other = 0; other < patch; other++)
            {
                var difference = (vectors[patch] - vectors[other]).abs();
                Assert.Equal(patch / Columns != other / Columns, difference[..half].max().ToSingle() > 1e-3);
                Assert.Equal(patch % Columns != other % Columns, difference[half..].max().ToSingle() > 1e-3);
            }
    }

    /// <summary>A patch of the second row and first column is the same to the model in images of any width.</summary>
    [Fact]
    public void GridPositionsFollowTheSizeOfEachImage()
    {
        using var model = Model(Settings(unet: false) with { GridPositions = true });
        ImageSpan[] spans = [new(0, 6, LeadsText: false, Columns: 3), new(6, 6, LeadsText: false, Columns: 2), new(12, 2, LeadsText: false, Columns: 1)];
        var vectors = Embed(model, zeros(14, Grid.PatchDim), [100, 100, 100], spans).Vectors;
        foreach (var (wide, narrow, narrowest) in new[] { (0, 6, 12), (3, 8, 13) })
        {
            Assert.True(TestModels.Difference(vectors[wide], vectors[narrow]) < 1e-6);
            Assert.True(TestModels.Difference(vectors[wide], vectors[narrowest]) < 1e-6);
        }
        Assert.True(TestModels.Difference(vectors[2], vectors[8]) > 1e-3); // the third in a row, and the first of the second row
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var unet = Model(Settings(unet: true));
        Assert.Contains("images of one size", Assert.Throws<ArgumentException>(() => Embed(unet, zeros(9, Grid.PatchDim), [1, 1], [new(0, 6, LeadsText: false, Columns), new(6, 3, LeadsText: false, Columns)])).Message);
        var config = TestModels.Config();
        Assert.Contains("power of 2", Assert.Throws<ConfigException>(() => (config with { Diffusion = new() { PatchDim = 9, Channels = 1, Columns = 2, Unet = new() } }).Validate()).Message);
        Assert.Contains("prepare the data again", Assert.Throws<ConfigException>(() => (config with { Diffusion = new() { PatchDim = 4, Unet = new() } }).Validate()).Message);
        Assert.Contains("prepare the data again", Assert.Throws<ConfigException>(() => (config with { Diffusion = new() { PatchDim = 4, GridPositions = true } }).Validate()).Message);
    }

    private static Diffusion Settings(bool unet) => new() { PatchDim = Grid.PatchDim, Channels = Channels, Columns = Columns, Unet = unet ? new() { Width = 6 } : null };

    /// <summary>A model whose last convolution is not zero.</summary>
    private static MotModel Model(Diffusion diffusion)
    {
        using var generator = new Generator(1);
        var model = new MotModel(TestModels.Config() with { Diffusion = diffusion }, CPU, generator);
        using var _ = no_grad();
        foreach (var parameter in model.named_parameters().Where(p => p.name.StartsWith("patches.", StringComparison.Ordinal) && p.name.Contains("output", StringComparison.Ordinal)).Select(p => p.parameter))
            parameter.copy_(randn(parameter.shape, generator: generator).mul_(0.3));
        return model;
    }

    private static EmbeddedPatches Embed(MotModel model, Tensor patches, params float[] times)
    {
        var each = (int)patches.shape[0] / times.Length;
        return Embed(model, patches, times, [.. Enumerable.Range(0, times.Length).Select(image => new ImageSpan(image * each, each, LeadsText: false, Columns))]);
    }

    private static EmbeddedPatches Embed(MotModel model, Tensor patches, float[] times, ImageSpan[] spans) =>
        model.EmbedPatches(new(patches, tensor(times), tensor(spans.SelectMany((s, image) => Enumerable.Repeat((long)image, s.Length)).ToArray()), spans));

    private static Tensor Predict(MotModel model, Tensor patches, Tensor states, params float[] times)
    {
        using var _ = no_grad();
        using var routing = model.Route([.. Enumerable.Repeat((byte)1, (int)patches.shape[0])]);
        return model.PredictPatches(states, Embed(model, patches, times), routing);
    }
}
