using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

/// <summary>A tiny model in training on made-up batches.</summary>
internal static class TestTraining
{
    public const string Fingerprint = "of-the-tokenizers";

    public static TrainingRecipe Recipe { get; } = new()
    {
        SequenceLength = 12,
        BatchRows = 3,
        Steps = 12,
        WarmupSteps = 2,
        LearningRate = 1e-2,
        CheckpointEvery = 4,
        ValidateEvery = 3,
        ValidationBatches = 2,
        LogEvery = 2,
    };

    public static MotModel Model(int seed = 1, ScalarType computeType = ScalarType.Float32)
    {
        using var generator = new Generator((ulong)seed);
        return new MotModel(TestModels.Config() with { QkNorm = QkNorm.Rms }, CPU, generator, computeType);
    }

    /// <summary>Held-out batches.</summary>
    public static Validation Validation(int count)
    {
        var source = new Batches(seed: 9);
        return new([.. Enumerable.Range(0, count).Select(_ => source.Next())]);
    }

    /// <summary>Batches by number: batch i is the same whoever asks, and however often. Tokens 0 to 29 are text, the rest image; every token foretells the next.</summary>
    public sealed class Batches(int seed = 0, bool imageTokens = true) : IBatchSource
    {
        public StreamPosition Position { get; set; }

        /// <summary>Called before every batch, with its number.</summary>
        public Action<long>? Before { get; init; }

        public Batch Next()
        {
            Before?.Invoke(Position.Row);
            var batch = Make(new Random((seed * 100_000) + (int)Position.Row), rows: 3, length: 12, imageTokens);
            Position = Position with { Row = Position.Row + 1 };
            return batch;
        }

        public static Batch Make(Random random, int rows, int length, bool imageTokens)
        {
            var count = rows * length;
            var (inputs, targets) = (new long[count], new long[count]);
            var (modalities, targetModalities) = (new byte[count], new byte[count]);
            for (var row = 0; row < rows; row++)
            {
                long token = random.Next(30);
                for (var t = 0; t < length; t++)
                {
                    var i = (row * length) + t;
                    var next = ((token * 3) + (random.Next(4) == 0 ? 1 : 7)) % (imageTokens ? 50 : 30);
                    (inputs[i], targets[i]) = (token, random.Next(6) == 0 ? Batch.IgnoredTarget : next);
                    (modalities[i], targetModalities[i]) = ((byte)(token < 30 ? 0 : 1), (byte)(next < 30 ? 0 : 1));
                    token = next;
                }
            }
            return new Batch(rows, length, inputs, modalities, targets, targetModalities);
        }
    }
}
