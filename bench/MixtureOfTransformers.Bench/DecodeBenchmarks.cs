using BenchmarkDotNet.Attributes;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Bench;

/// <summary>Text after a prompt of one token, greedy: time per step, which gives <c>Rows</c> tokens.</summary>
public class DecodeBenchmarks
{
    private const int Steps = 128, Images = 512;

    private MotModel _model = null!;
    private InterleavedDecoder _decoder = null!;
    private DecodingRequest[] _requests = null!;

    [Params("small", "medium")]
    public string Preset { get; set; } = "small";

    [Params(ScalarType.Float32, ScalarType.BFloat16)]
    public ScalarType ComputeType { get; set; }

    [Params(DecodeWeightFormat.Compute, DecodeWeightFormat.Int8)]
    public DecodeWeightFormat Weights { get; set; }

    [Params(1, 16)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var config = ModelPresets.Get(Preset);
        using var generator = new Generator(1);
        _model = new MotModel(config, CPU, generator, ComputeType);
        var text = config.VocabularySize - Images;
        _decoder = new(_model, new Vocabulary
        {
            Ranges =
            [
                new() { Modality = ModalityId.Text, Offset = 0, Count = text },
                new() { Modality = ModalityId.Image, Offset = text, Count = Images, BeginId = 3, EndId = 4, BlockLength = 64 },
            ],
            BeginOfSequence = 0,
            EndOfSequence = 1,
            Padding = 2,
        }, Weights);
        _requests = [.. Enumerable.Range(0, Rows).Select(row => new DecodingRequest
        {
            Prompt = [0],
            Sampling = new() { Seed = row, Text = SamplingRule.Greedy },
            MaxTokens = Steps,
            MaxImages = 0,
            StopAtEndOfSequence = false,
        })];
    }

    [GlobalCleanup]
    public void Cleanup() => _model.Dispose();

    [Benchmark(OperationsPerInvoke = Steps)]
    public void Step() => _decoder.Decode(_requests);
}
