namespace MixtureOfTransformers.Batching;

/// <summary>How far <see cref="DataPreparation"/> is.</summary>
/// <param name="Documents">Documents tokenized.</param>
/// <param name="EstimatedDocuments">About how many there will be; null when unknown.</param>
/// <param name="TrainTokens">Training tokens so far.</param>
/// <param name="ValidationTokens">Validation tokens so far.</param>
/// <param name="Problems">Documents skipped so far.</param>
public readonly record struct PreparationProgress(long Documents, long? EstimatedDocuments, long TrainTokens, long ValidationTokens, int Problems);
