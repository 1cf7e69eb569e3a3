using CsCheck;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using TorchSharp;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class InterleavedDecoderTests
{
    /// <summary>A shape that steps of one token take the kernels for; <see cref="Config"/> is too narrow.</summary>
    private static MotConfig Fused { get; } = Config with { Dim = 64, FeedForwardDim = 96 };

    /// <summary>Unequal lengths and options: text, an image asked for, an image half done, guided and not.</summary>
    private static DecodingRequest[] Mixed(double temperature) =>
    [
        Request([Bos, 7, 8, 9], 1, temperature, maxTokens: 25, stop: false),
        Request([Bos, 9, 10, 11, 8, Boi], 2, temperature, guidance: 3, maxTokens: 20),
        Request([Bos], 3, temperature, guidance: 2, maxTokens: 30, stop: false),
        Request([Bos, Boi, 12, 13, 14, 15, 16, Eoi, 7, 7, Boi, 17, 18], 4, temperature, guidance: 1.5, maxTokens: 12, maxImages: 2),
        Request([Bos, Boi, 12, 13, 14, 15, 16, Eoi], 5, temperature, maxTokens: 9, maxImages: 0),
        Request([Bos, 7, Boi, 12, 13, 14, 15, 16], 6, temperature, guidance: 0, maxTokens: 14),
        Request([Boi], 7, temperature, guidance: 4, maxTokens: 8),
    ];

    [Theory]
    [InlineData(NormPlacement.Output, false, 2)]
    [InlineData(NormPlacement.Output, true, 0)]
    [InlineData(NormPlacement.Pre, false, 0)]
    [InlineData(NormPlacement.Pre, true, 1)]
    public void ABatchEqualsFullRecomputationOfEachRowAlone(NormPlacement placement, bool dense, int keyValueHeads)
    {
        var config = Config with { NormPlacement = placement, KeyValueHeadCount = keyValueHeads };
        using var model = Model(dense ? config.AsDense() : config, 2);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        foreach (var temperature in (double[])[0, 1])
        {
            var requests = Mixed(temperature);
            var sequences = decoder.Decode(requests);
            for (var i = 0; i < requests.Length; i++)
                Assert.Equal(NaiveDecoder.Decode(model, requests[i]), sequences[i].Tokens);
        }
    }

    [Theory]
    [InlineData(NormPlacement.Output, false)]
    [InlineData(NormPlacement.Output, true)]
    [InlineData(NormPlacement.Pre, false)]
    public void DecodingThroughTheKernelsEqualsFullRecomputationOfEachRowAlone(NormPlacement placement, bool dense)
    {
        var config = Fused with { NormPlacement = placement };
        using var model = Model(dense ? config.AsDense() : config, 2, ScalarType.Float32);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        var requests = Mixed(1);
        foreach (var (request, sequence) in requests.Zip(decoder.Decode(requests)))
            Assert.Equal(NaiveDecoder.Decode(model, request), sequence.Tokens);
    }

    [Fact]
    public void TheModelMayNotEndBeforeTheFewestTokens()
    {
        using var model = Model(Config, 2);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        var requests = Enumerable.Range(0, 12).Select(seed => Request([Bos, 7], seed, maxTokens: 20, maxImages: 0)).ToArray();
        var free = decoder.Decode(requests);
        Assert.Contains(free, s => s.Tokens.Length < 6);
        requests = [.. requests.Select(r => r with { MinTokens = 6 })];
        var held = decoder.Decode(requests);
        Assert.All(held, s => Assert.DoesNotContain(Eos, s.Tokens.Take(6)));
        Assert.All(requests.Zip(held), pair => Assert.Equal(NaiveDecoder.Decode(model, pair.First), pair.Second.Tokens));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ARowDoesNotDependOnTheRestOfTheBatchInFp32(bool fused)
    {
        using var model = Model(fused ? Fused : Config, 3, ScalarType.Float32);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        var requests = Mixed(0.9);
        var together = decoder.Decode(requests).Tokens();
        Assert.Equal(together.Reverse(), decoder.Decode([.. requests.Reverse()]).Tokens());
        Assert.Equal(together, requests.SelectMany(r => decoder.Decode([r]).Tokens()));
    }

    [Fact]
    public void EveryImageIsExactlyNCodesAndAnEndAndForbiddenIdsNeverAppear()
    {
        using var model = Model(Config, 4, ScalarType.Float32);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        var images = 0;
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 3], Gen.Bool, Gen.Long).Select((max, maxImages, stop, seed) => Request([Bos, 7], seed, 2, maxTokens: max + 1, maxImages: maxImages, stop: stop)).Array[4]
            .Sample(requests =>
            {
                foreach (var (request, sequence) in requests.Zip(decoder.Decode(requests)))
                {
                    var begun = Check(sequence);
                    Assert.True(begun <= request.MaxImages);
                    Assert.True(request.StopAtEndOfSequence || !sequence.Tokens.Contains(Eos));
                    Assert.True(sequence.End == EndReason.EndOfSequence ? sequence.Tokens[^1] == Eos : sequence.Tokens.Length == request.MaxTokens);
                    images += begun;
                }
            }, iter: 10, threads: 1);
        Assert.True(images > 5); // or the test shows nothing
    }

    [Fact]
    public void AnImageBeginsOnlyWhereItFits()
    {
        using var model = Model(Config, 5);
        using (no_grad())
            model.get_parameter("output.weight")![Boi].zero_(); // a logit of 0: no less likely than the average word
        var decoder = new InterleavedDecoder(model, Vocabulary);
        DecodingRequest[] Requests(int maxTokens) => [.. Enumerable.Range(0, 40).Select(seed => Request([Bos], seed, 3, maxTokens: maxTokens, stop: false))];
        Assert.DoesNotContain(decoder.Decode(Requests(Codes + 1)), s => s.Tokens.Contains(Boi));
        var fits = decoder.Decode(Requests(Codes + 2));
        Assert.Contains(fits, s => s.Tokens.Contains(Boi));
        Assert.All(fits.Where(s => s.Tokens.Contains(Boi)), s => Assert.True(s.Tokens[0] == Boi && s.Tokens[^1] == Eoi));
    }

    [Fact]
    public void WithoutGuidanceFromThePromptImagesIgnoreIt()
    {
        using var model = Model(Config, 6);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        DecodingRequest[] Prompts(double guidance) => [Request([Bos, 7, 8, Boi], 9, guidance: guidance, maxTokens: 6), Request([Bos, 11, 9, 10, Boi], 9, guidance: guidance, maxTokens: 6)];
        var unconditional = decoder.Decode(Prompts(0)).Tokens();
        Assert.Equal(unconditional[0], unconditional[1]);
        Assert.Equal(unconditional[0], decoder.Decode([Request([Bos, Boi], 9, maxTokens: 6)])[0].Tokens);
        var conditional = decoder.Decode(Prompts(1)).Tokens();
        Assert.NotEqual(conditional[0], conditional[1]);
    }

    [Fact]
    public void TheSameSeedGivesTheSameTokensAndAnotherGivesOthers()
    {
        using var model = Model(Config, 7, ScalarType.Float32);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        DecodingRequest[] Requests(long seed) => [Request([Bos, 7], seed, 2, maxTokens: 40, stop: false)];
        Assert.Equal(decoder.Decode(Requests(1))[0].Tokens, decoder.Decode(Requests(1))[0].Tokens);
        Assert.NotEqual(decoder.Decode(Requests(1))[0].Tokens, decoder.Decode(Requests(2))[0].Tokens);
    }

    [Fact]
    public void ALongPromptBesideAShortOneLeavesBothTheirFullLength()
    {
        using var model = Model(Config, 8); // max_sequence_length 64
        var decoder = new InterleavedDecoder(model, Vocabulary);
        DecodingRequest[] requests = [Request([Bos, .. Enumerable.Repeat(8, 59)], 1, stop: false), Request([Bos, 7], 2, guidance: 2, stop: false)];
        var together = decoder.Decode(requests);
        Assert.Equal([4, 62], together.Select(s => s.Tokens.Length));
        Assert.Equal(together.Tokens(), requests.Select(r => NaiveDecoder.Decode(model, r)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DecodingTextNeverTouchesTheImageTower(bool fused)
    {
        using var model = fused ? Model(Fused, 9, ScalarType.Float32) : Model(Config, 9);
        using (no_grad())
            foreach (var (name, parameter) in model.named_parameters())
                if (name.Contains(".1.weight") && !name.StartsWith("layers.1.weight"))
                    parameter.fill_(double.NaN);
        var sequence = new InterleavedDecoder(model, Vocabulary).Decode([Request([Bos, 7], maxTokens: 10, maxImages: 0)])[0];
        Assert.NotEmpty(sequence.Tokens);
        Assert.Throws<MotException>(() => new InterleavedDecoder(model, Vocabulary).Decode([Request([Bos, 7, Boi], maxTokens: 10)]));
    }

    [Fact]
    public void AStepTouchesOneTowerEvenBesideEndedRowsAndRecordsNoGradients()
    {
        using var model = Model(Config, 15, ScalarType.Float32);
        var towers = new List<int[]>();
        model.Layers[0].register_forward_pre_hook((_, xm, routing, context) =>
        {
            Assert.False(is_grad_enabled());
            towers.Add([.. Enumerable.Range(0, routing.TowerCount).Where(t => routing.Counts[t] > 0)]);
            return (xm, routing, context);
        });
        new InterleavedDecoder(model, Vocabulary).Decode([Request([Bos, 7], guidance: 2, maxTokens: 1), Request([Bos, 8, Boi, 12], guidance: 2, maxTokens: 5)]);
        Assert.Equal([0, 1], towers[0]); // the prompts
        Assert.Equal(4, towers.Count - 1);
        Assert.All(towers.Skip(1), t => Assert.Equal([1], t)); // four codes, each through the image tower alone
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NoTensorsAreGainedByTwentyTokens(bool fused)
    {
        using var model = Model(fused ? Fused : Config, 10, ScalarType.Float32);
        var decoder = new InterleavedDecoder(model, Vocabulary);
        var live = new List<long>();
        DecodingRequest[] requests = [Request([Bos, 7, Boi], guidance: 2, maxTokens: 24, stop: false), Request([Bos, 7, 8, 9], maxTokens: 24, stop: false)];
        var before = LiveTensors();
        decoder.Decode(requests, (_, _) => live.Add(LiveTensors()));
        Assert.Equal(before, LiveTensors());
        Assert.Equal(48, live.Count);
        Assert.Single(live.Skip(2).Distinct()); // the views of the weights are made after the prompts
    }

    [Fact]
    public void TenThousandTokensGainNoMemory()
    {
        using var model = Model(Fused with { MaxSequenceLength = 10_001 }, 16, ScalarType.Float32);
        var (tensors, allocated, count) = (new List<long>(), new List<long>(), 0);
        new InterleavedDecoder(model, Vocabulary).Decode([Request([Bos], stop: false)], (_, _) =>
        {
            if (++count % 5_000 != 0 && count != 100)
                return;
            tensors.Add(LiveTensors());
            allocated.Add(GC.GetAllocatedBytesForCurrentThread());
        });
        Assert.Equal(10_000, count);
        Assert.Single(tensors.Distinct());
        Assert.InRange((allocated[1] - allocated[0]) / 4_900.0, 0, 8_000); // bytes a token
        Assert.InRange((allocated[2] - allocated[1]) / 5_000.0, 0, 8_000);
    }

    [Fact]
    public void TokensAreReportedAsTheyCome()
    {
        using var model = Model(Config, 11, ScalarType.Float32);
        var streamed = new List<int>[] { [], [] };
        var sequences = new InterleavedDecoder(model, Vocabulary).Decode([Request([Bos, 7], maxTokens: 5), Request([Bos, Boi], 2, maxTokens: 9)], (row, token) => streamed[row].Add(token));
        Assert.Equal(sequences[0].Tokens, streamed[0]);
        Assert.Equal(sequences[1].Tokens, streamed[1]);
    }

    [Fact]
    public void CancellingStopsBetweenSteps()
    {
        using var model = Model(Config, 12, ScalarType.Float32);
        using var cancel = new CancellationTokenSource();
        var count = 0;
        Assert.Throws<OperationCanceledException>(() => new InterleavedDecoder(model, Vocabulary).Decode([Request([Bos], stop: false)], (_, _) =>
        {
            if (++count == 3)
                cancel.Cancel();
        }, cancel.Token));
        Assert.Equal(3, count);
    }

    public static TheoryData<int[], int?, string> BadRequests => new()
    {
        { [], null, "a prompt needs at least one token; begin it with BOS, id 0" },
        { [Bos, .. Enumerable.Repeat(7, 63)], null, "prompt of 64 tokens leaves no room in max_sequence_length 64; shorten it to 63 tokens or fewer" },
        { [Bos, .. Enumerable.Repeat(7, 53)], 11, "prompt of 54 tokens and max_tokens 11 exceed max_sequence_length 64; shorten the prompt or ask for 10 tokens or fewer" },
        { [Bos], 0, "max_tokens 0 must be positive" },
        { [Bos, Boi, 12], 4, "needs 5 more tokens, but only 4 may follow; raise max_tokens" },
        { [Bos, 23], null, "token id 23 is outside the vocabulary of 23 ids" },
        { [Bos, 12], null, "token id 12 belongs inside an image, but no image is open" },
        { [Bos, Eoi], null, "token id 4 belongs inside an image" },
        { [Bos, Boi, 12, 7], null, "token id 7 stands inside an image with 4 codes to come; an image is exactly 5 codes" },
        { [Bos, Boi, 12, 12, 12, 12, 12, 12], null, "an image is exactly 5 codes and then end-of-image 4" },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void ABadRequestIsNamedWithItsLimitAndRemedy(int[] prompt, int? maxTokens, string message)
    {
        using var model = Model(Config, 13, ScalarType.Float32);
        var error = Assert.Throws<MotException>(() => new InterleavedDecoder(model, Vocabulary).Decode([Request(prompt, maxTokens: maxTokens)]));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void AVocabularyThatDoesNotFitTheModelIsAnError()
    {
        using var model = Model(Config with { VocabularySize = 22 }, 14, ScalarType.Float32);
        Assert.Contains("use the tokenizers that the model was trained with", Assert.Throws<MotException>(() => new InterleavedDecoder(model, Vocabulary)).Message);
    }

    /// <summary>Their scales are the same, so that the second rounding changes nothing.</summary>
    [Fact]
    public void Int8WeightsDecodeAsThoseOfAModelRoundedToThem()
    {
        using var model = Model(Fused, 15, ScalarType.Float32);
        using var rounded = Model(Fused, 15, ScalarType.Float32);
        RoundToInt8(rounded);
        DecodingRequest[] requests = [.. Enumerable.Range(0, 4).Select(row => Request([Bos], row, maxTokens: 40, stop: false))];
        var sequences = new InterleavedDecoder(model, Vocabulary, DecodeWeightFormat.Int8).Decode(requests).Tokens();
        Assert.Equal(new InterleavedDecoder(rounded, Vocabulary).Decode(requests).Tokens(), sequences);
        Assert.NotEqual(new InterleavedDecoder(model, Vocabulary).Decode(requests).Tokens(), sequences);
    }

    [Theory]
    [InlineData(32, ScalarType.Float32, "heads of 8")]
    [InlineData(64, ScalarType.Float64, "in Float64")]
    public void AModelThatCannotDecodeInInt8IsAnError(int dim, ScalarType dtype, string problem)
    {
        using var model = Model(Fused with { Dim = dim }, 16, dtype);
        var error = Assert.Throws<MotException>(() => new InterleavedDecoder(model, Vocabulary, DecodeWeightFormat.Int8));
        Assert.Contains(problem, error.Message);
        Assert.Contains("decode in its compute dtype", error.Message);
    }

    private static void RoundToInt8(MotModel model)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (_, weight_ED) in model.named_parameters().Where(p => p.parameter.dim() == 2 && p.name != "tok_embeddings"))
        {
            var scale_E1 = weight_ED.abs().amax([1], keepdim: true) / 127;
            weight_ED.copy_((weight_ED / scale_E1).round() * scale_E1);
        }
    }

    private static long LiveTensors() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    /// <summary>Checks the grammar; returns the number of images.</summary>
    private static int Check(DecodedSequence sequence)
    {
        var (left, images) = (-1, 0);
        foreach (var token in sequence.Tokens)
        {
            Assert.True(left switch { > 0 => token is >= FirstCode and < 20, 0 => token == Eoi, _ => token is Eos or Boi or (>= FirstText and < FirstCode) }, $"{token} with {left} codes to come");
            images += token == Boi ? 1 : 0;
            left = token == Boi ? Codes : Math.Max(-1, left - 1);
        }
        Assert.Equal(-1, left);
        return images;
    }
}
