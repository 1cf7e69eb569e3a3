using MixtureOfTransformers.Evaluation.Comparing;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Evaluation.Comparing;

/// <summary>A comparison of tiny models on a few scenes.</summary>
internal static class TestComparison
{
    public const string Json = """
        {
          "recipe": {
            "name": "tiny",
            "data": { "sources": [{ "type": "scenes", "count": 120, "max_objects": 1 }], "image_size": 8, "validation_fraction": 0.2 },
            "text_tokenizer": { "vocabulary_size": 300 },
            "image_tokenizer": { "width": 8, "code_dim": 4, "codebook_size": 16, "training": { "steps": 5 } },
            "model": { "dim": 16, "layer_count": 1, "head_count": 2, "feed_forward_dim": 16 },
            "training": { "sequence_length": 96, "batch_rows": 2, "warmup_steps": 2, "validation_batches": 1, "learning_rate": 0.01, "steps": 20 }
          },
          "architectures": ["dense", "mot"],
          "seeds": [1, 2],
          "evaluations": 6,
          "samples": 0
        }
        """;

    public static CompareRecipe Recipe { get; } = CompareRecipeFile.Parse(Json, "test").Single().Recipe;

    /// <summary>The lines of <c>metrics.jsonl</c> of a run without its seconds and speeds.</summary>
    public static string[] Losses(string folder, long seed, string architecture) =>
        [.. MetricsLog.Read(Path.Combine(Comparison.RunPath(folder, seed, architecture), "metrics.jsonl"))
            .Select(l => $"{l.GetType().Name} {l.Step} {l.Tokens} {l.Flops:R} {l.Loss:R} {string.Join(' ', l.ModalityLoss.Select(m => $"{m.Key} {m.Value:R}"))}")];

    /// <summary>Remembers the stages and calls <paramref name="reported"/> with the number of reports so far, at every report of training.</summary>
    public sealed class Stages(Action<int>? reported = null) : IStages
    {
        private int _reports;

        public List<string> Names { get; } = [];

        /// <summary>Called with the name of each stage at its start.</summary>
        public Action<string>? StageStarted { get; init; }

        public T Run<T>(string name, double total, Func<Action<double, string?>, T> work)
        {
            Names.Add(name);
            StageStarted?.Invoke(name);
            var counts = name.StartsWith("Training dense", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Trying", StringComparison.Ordinal);
            return work((_, _) =>
            {
                if (counts)
                    reported?.Invoke(++_reports);
            });
        }
    }
}
