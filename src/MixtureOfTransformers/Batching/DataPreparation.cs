using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Batching;

/// <summary>Turns the documents of a recipe into token shards, once; the folder appears when it is complete.</summary>
public static class DataPreparation
{
    private const int ChunkDocuments = 256;

    /// <summary>Prepares <paramref name="folder"/>, or opens it where it already holds exactly this data. Reads and tokenizes in chunks; neither images nor tokens are all in memory.</summary>
    /// <param name="recipe">Which documents.</param>
    /// <param name="tokenizer">How they become tokens.</param>
    /// <param name="folder">Where the shards go; must not exist, be empty, or hold the same data.</param>
    /// <param name="progress">Told after every chunk.</param>
    /// <param name="cancellationToken">Stops between chunks; nothing is left behind.</param>
    /// <returns>The data, open; the caller disposes it.</returns>
    /// <exception cref="MotException">The folder holds something else, or the documents cannot be used.</exception>
    public static PreparedData Run(DataRecipe recipe, IDocumentTokenizer tokenizer, string folder, IProgress<PreparationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var hash = Hash(recipe.Validate(), tokenizer);
        if (PreparedData.ReadIndex(folder) is { } existing)
        {
            if (existing.Hash != hash)
                throw new MotException($"{folder} holds data prepared from another recipe, other inputs or other tokenizers; choose another folder or delete it");
            return PreparedData.Open(folder);
        }
        var mix = new DataMix(recipe);
        AtomicFolder.Write(folder, temporary =>
        {
            var problems = new ReadProblems(recipe.MaxBadDocuments);
            var vectorLength = tokenizer.Vocabulary.VectorRange?.VectorLength ?? 0;
            var train = new ShardWriter(temporary, "train", vectorLength: vectorLength);
            var validation = new ShardWriter(temporary, "validation", vectorLength: vectorLength);
            foreach (var chunk in mix.Read(problems, cancellationToken).Chunk(ChunkDocuments))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var sequences = tokenizer.Tokenize([.. chunk.Select(c => c.Document)]);
                for (var i = 0; i < chunk.Length; i++)
                    (chunk[i].Split == DataSplit.Train ? train : validation).Add(sequences[i]);
                progress?.Report(new(train.DocumentCount + validation.DocumentCount, mix.EstimatedCount, train.TokenCount, validation.TokenCount, problems.Count));
            }
            if (train.DocumentCount == 0)
                throw new MotException("no document is on the training side; lower validation_fraction or add data");
            JsonFile.Write(Path.Combine(temporary, PreparedIndex.FileName), new PreparedIndex
            {
                FormatVersion = PreparedIndex.CurrentVersion,
                Hash = hash,
                Recipe = recipe,
                Tokenizer = tokenizer.Fingerprint,
                Vocabulary = tokenizer.Vocabulary,
                Train = Complete(train, tokenizer),
                Validation = Complete(validation, tokenizer),
                ProblemCount = problems.Count,
                Problems = [.. problems.First],
            }, BatchingJson.Default.PreparedIndex);
        });
        return PreparedData.Open(folder);
    }

    /// <summary>Identifies what <see cref="Run"/> would write: recipe, input files by name, length and time of last change, tokenizers, vocabulary.</summary>
    /// <returns>SHA-256 in lower-case hexadecimal.</returns>
    public static string Hash(DataRecipe recipe, IDocumentTokenizer tokenizer)
    {
        var key = new StringBuilder($"{PreparedIndex.CurrentVersion}\n{tokenizer.Fingerprint}\n");
        key.AppendLine(JsonSerializer.Serialize(tokenizer.Vocabulary, BatchingJson.Default.Vocabulary));
        key.AppendLine(JsonSerializer.Serialize(recipe, BatchingJson.Default.DataRecipe));
        foreach (var file in recipe.Sources.SelectMany(s => s.ListInputFiles()).Select(f => new FileInfo(f)))
            key.AppendLine(file.Exists ? $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}" : $"{file.Name} missing");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())));
    }

    private static PreparedSide Complete(ShardWriter writer, IDocumentTokenizer tokenizer) => new()
    {
        Shards = writer.Complete(),
        DocumentCount = writer.DocumentCount,
        TokenCount = writer.TokenCount,
        TokenCounts = tokenizer.Vocabulary.Modalities.Select((m, i) => KeyValuePair.Create(m.Name, writer.TokenCountOf((byte)i))).ToImmutableSortedDictionary(),
    };
}
