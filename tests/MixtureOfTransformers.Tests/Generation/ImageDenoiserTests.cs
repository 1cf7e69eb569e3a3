using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class ImageDenoiserTests : IDisposable
{
    private const int Bos = 0, Eos = 1, Pad = 2, Boi = 3, Eoi = 4, Patch = 30, Patches = 5, PatchDim = 6;

    private static readonly Vocabulary Vocabulary = new()
    {
        Ranges = [new() { Modality = ModalityId.Text, Offset = 0, Count = 30 }, new() { Modality = ModalityId.Image, Offset = Patch, Count = 1, BeginId = Boi, EndId = Eoi, BlockLength = Patches, VectorLength = PatchDim }],
        BeginOfSequence = Bos,
        EndOfSequence = Eos,
        Padding = Pad,
    };

    private static readonly float[] Seen = [.. Enumerable.Range(0, Patches * PatchDim).Select(i => MathF.Sin(i))];

    private static readonly PromptStream[] Prompts =
    [
        new([Bos, 7, 8, 9, Boi], []),
        new([Bos, Boi], []),
        new([Bos, 5, Boi, Patch, Patch, Patch, Patch, Patch, Eoi, 6, 7, Boi], [.. Seen]), // an image before the one to draw
    ];

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(NoiseKind.Ddpm, null)]
    [InlineData(NoiseKind.Ddpm, DenoisingMethod.Ddim)]
    [InlineData(NoiseKind.Flow, DenoisingMethod.Euler)]
    [InlineData(NoiseKind.Flow, DenoisingMethod.Heun)]
    [InlineData(NoiseKind.FlowFromNoise, DenoisingMethod.Heun)]
    public void CachedPromptsGiveWhatWholeSequencesGive(NoiseKind noise, DenoisingMethod? method)
    {
        using var model = Model(noise);
        var sampling = new SamplingOptions { ImageGuidance = 3, Denoising = new() { Steps = 4, Method = method, Renormalization = 0.2 } };
        var drawn = new ImageDenoiser(model, Vocabulary, 1).Draw(Prompts, [1, 2, 3], sampling);
        for (var i = 0; i < Prompts.Length; i++)
            Assert.All(Naive(model, Prompts[i], i + 1, sampling, 1).Zip(drawn[i]), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void BothConventionsOfFlowDrawTheSameImage()
    {
        var drawn = new List<float[]>();
        foreach (var method in new[] { DenoisingMethod.Euler, DenoisingMethod.Heun })
        {
            using var flow = Model(NoiseKind.Flow);
            var sampling = new SamplingOptions { ImageGuidance = 2, Denoising = new() { Steps = 5, Method = method } };
            using var other = new FlippedModel(flow);
            var (expected, actual) = (new ImageDenoiser(flow, Vocabulary, null).Draw(Prompts[..1], [4], sampling)[0], new ImageDenoiser(other.Model, Vocabulary, null).Draw(Prompts[..1], [4], sampling)[0]);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
            drawn.Add(expected);
        }
        Assert.NotEqual(drawn[0], drawn[1]); // the second order moves the sample
    }

    [Fact]
    public void AnImageDependsOnItsOwnSeedAndNotOnTheOthers()
    {
        using var model = Model(NoiseKind.Ddpm);
        var (denoiser, sampling) = (new ImageDenoiser(model, Vocabulary, 1), new SamplingOptions { Denoising = new() { Steps = 3 } });
        var together = denoiser.Draw(Prompts, [1, 2, 3], sampling);
        Assert.All(together[1].Zip(denoiser.Draw(Prompts[1..2], [2], sampling)[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.NotEqual(together[1], denoiser.Draw(Prompts[1..2], [3], sampling)[0]);
    }

    [Fact]
    public void TheImageInMindIsShownAfterEachStepAndTheLastIsTheResult()
    {
        using var model = Model(NoiseKind.Flow);
        var seen = new List<float[]>();
        var drawn = new ImageDenoiser(model, Vocabulary, 1).Draw(Prompts[..1], [1], new() { Denoising = new() { Steps = 6 } }, (step, images) =>
        {
            Assert.Equal(seen.Count, step);
            seen.Add(images[0]);
        });
        Assert.Equal(6, seen.Count);
        Assert.Equal(drawn[0], seen[^1]);
    }

    [Fact]
    public void TextAndImagesTakeTurns()
    {
        using var model = Model(NoiseKind.Ddpm);
        var decoder = new TransfusionDecoder(model, Vocabulary, new(model, Vocabulary), 1);
        DecodingRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => new DecodingRequest { Prompt = [Bos, 5 + i], MaxTokens = 40, Sampling = new() { Seed = i, Denoising = new() { Steps = 2 } } })];
        var tokens = requests.Select(_ => new List<int>()).ToArray();
        var sequences = decoder.Decode(requests, (index, token) => tokens[index].Add(token));
        Assert.Equal(tokens, sequences.Select(s => s.Tokens.ToList()));
        Assert.Contains(sequences, s => s.Tokens.Contains(Patch) && s.Tokens.LastIndexOf(Eoi) < s.Tokens.Length - 2); // text, image, text
        foreach (var (request, sequence) in requests.Zip(sequences))
        {
            var state = new InterleavedState(Vocabulary);
            foreach (var token in request.Prompt.Concat(sequence.Tokens))
                state.Accept(token);
            Assert.False(state.InImage);
            Assert.InRange(sequence.Tokens.Length, 1, 40);
            Assert.Equal(sequence.Tokens.Count(id => id == Patch) * PatchDim, sequence.Vectors.Length);
            Assert.Equal(sequence.Tokens, decoder.Decode([request])[0].Tokens);
        }
    }

    [Fact]
    public void TextAfterAnImageSeesItWithoutNoise()
    {
        using var model = Model(NoiseKind.Ddpm);
        var request = new DecodingRequest { Prompt = [Bos, 6, Boi], MaxTokens = Patches + 4, MaxImages = 1, StopAtEndOfSequence = false, Sampling = new() { Seed = 3, Text = SamplingRule.Greedy, Denoising = new() { Steps = 2 } } };
        var sequence = new TransfusionDecoder(model, Vocabulary, new(model, Vocabulary), 1).Decode([request])[0];
        var ids = request.Prompt.AddRange(sequence.Tokens);
        for (var at = request.Prompt.Length + Patches + 1; at < ids.Length; at++)
        {
            var logits = model.Logits(States(model, new([.. ids[..at]], sequence.Vectors), null, 0)[at - 1]).narrow(0, 5, 25);
            Assert.Equal(ids[at], 5 + (int)logits.argmax(0).item<long>());
        }
    }

    /// <summary>An image of each size is the one that a vocabulary of that size alone gives, and both sizes can be drawn and stand in prompts together.</summary>
    [Fact]
    public void ImagesAreDrawnInTheSizeThatIsAskedFor()
    {
        using var model = Model(NoiseKind.Ddpm, positions: true, ids: 32);
        VocabularyRange image = Vocabulary.Ranges[1];
        Vocabulary Of(VocabularyRange range) => Vocabulary with { Ranges = [Vocabulary.Ranges[0], range] };
        var both = Of(image with { Count = 2, BlockLength = 6, GridColumns = 3, Grids = [new(3, 2), new(2, 2)] });
        var (wide, small) = (Of(image with { BlockLength = 6, GridColumns = 3 }), Of(image with { BlockLength = 4, GridColumns = 2 }));
        SamplingOptions Sampling(int size) => new() { ImageGuidance = 2, Denoising = new() { Steps = 3, SizeIndex = size } };
        var alone = new[] { wide, small }.Select(one => new ImageDenoiser(model, one, 1).Draw(Prompts[..2], [1, 2], Sampling(0))).ToArray();
        for (var size = 0; size < 2; size++)
            Assert.Equal(alone[size], new ImageDenoiser(model, both, 1).Draw(Prompts[..2], [1, 2], Sampling(size)));

        var decoder = new TransfusionDecoder(model, both, new(model, both), 1);
        PromptStream seen = new([Bos, Boi, Patch + 1, Patch + 1, Patch + 1, Patch + 1, Eoi, 5, Boi], [.. Seen[..(4 * PatchDim)]]);
        DecodingRequest Request(PromptStream prompt, int size) => new() { Prompt = prompt.Ids, Vectors = prompt.Vectors, MaxTokens = 12, MaxImages = 1, Sampling = Sampling(size) };
        var sequences = decoder.Decode([Request(Prompts[0], 0), Request(Prompts[0], 1), Request(seen, 0)]);
        Assert.Equal([Patch, Patch, Patch, Patch, Patch, Patch, Eoi], sequences[0].Tokens[..7]);
        Assert.Equal([Patch + 1, Patch + 1, Patch + 1, Patch + 1, Eoi], sequences[1].Tokens[..5]);
        Assert.Equal(6 * PatchDim, sequences[2].Vectors.Length);
        var images = new DocumentDetokenizer(both, _ => "", decodePatches: patches => [.. patches.Select(p => new PixelImage(1 + p.SizeIndex, 1, 1, new byte[1 + p.SizeIndex]))])
            .Detokenize([.. sequences.Select(s => s.Tokens.Insert(0, Boi))], [.. sequences.Select(s => s.Vectors)]);
        Assert.Equal([1, 2, 1], images.Select(parts => parts.OfType<ImagePart>().Single().Image.Width));
        Assert.Contains("image size 2 does not exist", Assert.Throws<MotException>(() => new ImageDenoiser(model, both, 1).Draw(Prompts[..1], [1], Sampling(2))).Message);
    }

    [Fact]
    public void PromptsThatLeaveNoRoomAndForeignMethodsAreErrors()
    {
        using var model = Model(NoiseKind.Ddpm);
        var denoiser = new ImageDenoiser(model, Vocabulary, 1);
        Assert.Contains("max_sequence_length 64", Assert.Throws<MotException>(() => denoiser.Draw([new([Bos, .. Enumerable.Repeat(5, 57), Boi], [])], [1], new())).Message);
        Assert.Contains("use ddpm or ddim", Assert.Throws<ConfigException>(() => denoiser.Draw(Prompts[..1], [1], new() { Denoising = new() { Method = DenoisingMethod.Heun } })).Message);
        Assert.Contains("from 1 to 1000", Assert.Throws<ConfigException>(() => denoiser.Draw(Prompts[..1], [1], new() { Denoising = new() { Steps = 1001 } })).Message);
    }

    private static MotModel Model(NoiseKind noise, bool positions = false, int ids = 31)
    {
        var config = TestModels.Config() with { VocabularySize = ids, Dim = 64, HeadCount = 2, KeyValueHeadCount = 2, Diffusion = new() { PatchDim = PatchDim, Noise = noise, GridPositions = positions, Columns = positions ? 3 : 0 } };
        var model = TestModels.Create(config, 7, ScalarType.Float32);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(8);
        foreach (var (name, parameter) in model.named_parameters())
            if (name == "patches.output.weight")
                parameter.copy_(randn(parameter.shape, generator: generator) / 8);
            else if (name == "output.weight")
                parameter.mul_(30);
        return model;
    }

    /// <summary>The definition: every step passes the whole sequence through the model, once with the prompt and once without.</summary>
    private static float[] Naive(MotModel model, PromptStream prompt, long seed, SamplingOptions sampling, double? clip)
    {
        var noise = Objective.NoiseOf(model.Config.Diffusion!);
        var (step, levels) = (new DenoisingStep(noise, clip), noise.Levels(sampling.Denoising.Steps));
        var method = sampling.Denoising.MethodFor(model.Config.Diffusion!.Noise);
        using var generator = new Generator((ulong)seed);
        Tensor Fresh() => randn([Patches, PatchDim], generator: generator);
        Tensor Predict(Tensor x, double level)
        {
            var (c, u) = (Prediction(model, prompt, x, noise.Condition(level)), Prediction(model, new([Bos, Boi], []), x, noise.Condition(level)));
            var guided = u + (sampling.ImageGuidance * (c - u));
            return guided * (c.norm() / guided.norm()).clamp(sampling.Denoising.Renormalization!.Value, 1);
        }

        var x = Fresh();
        for (var i = 0; i < levels.Length - 1; i++)
        {
            var (from, to) = (levels[i], levels[i + 1]);
            var (clean, noisePart) = step.Split(x, Predict(x, from), from);
            if (method == DenoisingMethod.Ddpm)
            {
                var (mean, deviation) = step.Ancestor(clean, noisePart, from, to);
                x = to == 0 ? mean : mean + (Fresh() * deviation);
                continue;
            }
            var moved = step.Move(clean, noisePart, to);
            if (method == DenoisingMethod.Heun && to > 0)
            {
                var (cleanThere, noiseThere) = step.Split(moved, Predict(moved, to), to);
                moved = x + (((noisePart - clean) + (noiseThere - cleanThere)) * ((to - from) / 2));
            }
            x = moved;
        }
        return x.data<float>().ToArray();
    }

    private static Tensor Prediction(MotModel model, PromptStream prompt, Tensor x, double time)
    {
        using var _ = no_grad();
        int[] places = [.. Enumerable.Range(prompt.Ids.Length, Patches)];
        using var routing = model.Route([.. prompt.Ids.Concat(Enumerable.Repeat(Patch, Patches)).Select(Vocabulary.ModalityIndexOf)]);
        return model.PredictPatches(routing.Group(States(model, prompt, x, time)), new EmbeddedPatches(x, x, [], places), routing);
    }

    /// <summary>States of a whole sequence in order, its own images without noise, and one more behind it where there is one.</summary>
    private static Tensor States(MotModel model, PromptStream prompt, Tensor? x, double time)
    {
        using var _ = no_grad();
        using var kernels = FusedKernels.Off();
        long[] ids = [.. prompt.Ids.Select(id => (long)id), .. x is null ? [] : Enumerable.Repeat((long)Patch, Patches)];
        var before = prompt.Ids.Count(id => id == Patch) / Patches;
        int[] places = [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] == Patch)];
        var images = new int[ids.Length];
        Array.Fill(images, -1);
        for (var i = 0; i < places.Length; i++)
            images[places[i]] = i / Patches;
        using var routing = model.Route([.. ids.Select(id => Vocabulary.ModalityIndexOf((int)id))]);
        using var context = new AttentionContext(model.Config, 1, ids.Length, CPU, model.ComputeType, images: images);
        var patches = tensor(prompt.Vectors.ToArray(), [before * Patches, PatchDim]);
        var clean = (float)model.Config.Diffusion!.CleanTime;
        float[] times = [.. Enumerable.Repeat(clean, before), .. x is null ? [] : new[] { (float)time }];
        var input = places.Length == 0 ? null : new PatchInput(x is null ? patches : cat([patches, x]), tensor(times), tensor(places.Select((_, i) => (long)(i / Patches)).ToArray()), [.. places.Chunk(Patches).Select(image => new ImageSpan(image[0], Patches, LeadsText: false))]);
        return routing.Restore(model.HiddenStates(tensor(ids, [1, ids.Length]), routing, context, images: input is null ? null : model.EmbedPatches(input)));
    }

    /// <summary>The same model in the other convention: told the time from the other end, it predicts the negative. The time enters through waves, so the wave layer is made anew to undo the change:
    /// cos(a (1000 − t)) and sin(a (1000 − t)) are turned cosines and sines of a t.</summary>
    private sealed class FlippedModel : IDisposable
    {
        public FlippedModel(MotModel flow)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var config = flow.Config;
            Model = new(config with { Diffusion = config.Diffusion! with { Noise = NoiseKind.FlowFromNoise } }, CPU, null);
            var source = flow.named_parameters().ToDictionary(p => p.name, p => p.parameter);
            foreach (var (name, parameter) in Model.named_parameters())
                parameter.copy_(name.StartsWith("patches.output.", StringComparison.Ordinal) ? -source[name] : name == "patches.time_in.weight" ? Turned(source[name]) : source[name]);
        }

        public MotModel Model { get; }

        public void Dispose() => Model.Dispose();

        private static Tensor Turned(Tensor weight_DF)
        {
            var half = weight_DF.shape[1] / 2;
            var rates = exp(arange(half, dtype: ScalarType.Float64) * (-Math.Log(10_000) / half)) * 1000;
            var (c, s) = (rates.cos(), rates.sin());
            var (onCos, onSin) = (weight_DF.narrow(1, 0, half).to(ScalarType.Float64), weight_DF.narrow(1, half, half).to(ScalarType.Float64));
            return cat([(onCos * c) + (onSin * s), (onCos * s) - (onSin * c)], 1).to(ScalarType.Float32);
        }
    }
}
