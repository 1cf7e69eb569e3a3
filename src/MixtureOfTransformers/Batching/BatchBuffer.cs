namespace MixtureOfTransformers.Batching;

/// <summary>The arrays of a batch while it is filled from the front.</summary>
internal sealed class BatchBuffer(int rowCount, int length)
{
    private readonly long[] _inputs = new long[rowCount * length];
    private readonly byte[] _modalities = new byte[rowCount * length];
    private readonly long[] _targets = new long[rowCount * length];
    private readonly byte[] _targetModalities = new byte[rowCount * length];
    private int _count;

    public int Room => _inputs.Length - _count;

    public bool IsFull => Room == 0;

    /// <summary>Fills the rest with a token that is neither predicted nor seen by what comes before it.</summary>
    public void Pad(int padding, byte modality)
    {
        while (!IsFull)
            Add(padding, modality, Batch.IgnoredTarget, 0);
    }

    public void Add(long input, byte modality, long target, byte targetModality)
    {
        (_inputs[_count], _modalities[_count], _targets[_count], _targetModalities[_count]) = (input, modality, target, targetModality);
        _count++;
    }

    public Batch ToBatch() => new(rowCount, length, _inputs, _modalities, _targets, _targetModalities);
}
