using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>One channel of one frame of FLAC (RFC 9639 §9.2): a predictor and what it misses.</summary>
internal static class FlacSubframe
{
    private static readonly int[][] _fixed = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]; // of the sample before, the one before that, …

    /// <summary>Reads the samples of a channel.</summary>
    /// <param name="bits">At the subframe.</param>
    /// <param name="samples">All of the block.</param>
    /// <param name="width">Bits of a sample.</param>
    /// <exception cref="MotException">It is damaged.</exception>
    public static void Read(FlacBits bits, Span<long> samples, int width)
    {
        if (bits.Read(1) != 0)
            throw Damaged("a subframe begins wrongly");
        var type = (int)bits.Read(6);
        var wasted = bits.Read(1) == 0 ? 0 : (int)bits.ReadUnary() + 1;
        width -= wasted;
        if (width < 1)
            throw Damaged($"{wasted} wasted bits");
        if (type == 0)
            samples.Fill(bits.ReadSigned(width));
        else if (type == 1)
            ReadPlain(bits, samples, width);
        else if (type is >= 8 and <= 12)
            ReadPredicted(bits, samples, width, type - 8, linear: false);
        else if (type >= 32)
            ReadPredicted(bits, samples, width, type - 31, linear: true);
        else
            throw Damaged($"subframes of type {type}");
        if (wasted > 0)
            foreach (ref var sample in samples)
                sample <<= wasted;
    }

    private static void ReadPlain(FlacBits bits, Span<long> samples, int width)
    {
        foreach (ref var sample in samples)
            sample = bits.ReadSigned(width);
    }

    private static void ReadPredicted(FlacBits bits, Span<long> samples, int width, int order, bool linear)
    {
        if (order > samples.Length)
            throw Damaged($"a predictor of order {order} for {samples.Length} samples");
        ReadPlain(bits, samples[..order], width);
        var (weights, shift) = (_fixed[linear ? 0 : order], 0);
        if (linear)
        {
            var precision = (int)bits.Read(4) + 1;
            shift = (int)bits.ReadSigned(5);
            if (precision > 15 || shift < 0)
                throw Damaged("a predictor of no known precision");
            weights = new int[order];
            foreach (ref var weight in weights.AsSpan())
                weight = (int)bits.ReadSigned(precision);
        }
        ReadResidual(bits, samples, order);
        for (var i = order; i < samples.Length; i++)
        {
            var sum = 0L;
            for (var k = 0; k < weights.Length; k++)
                sum += weights[k] * samples[i - 1 - k];
            samples[i] += sum >> shift;
        }
    }

    /// <summary>What the predictor misses, in partitions of Rice codes or plain numbers.</summary>
    private static void ReadResidual(FlacBits bits, Span<long> samples, int order)
    {
        var method = bits.Read(2);
        if (method > 1)
            throw Damaged($"residuals of method {method}");
        var (parameterBits, partitions) = (method == 0 ? 4 : 5, 1 << (int)bits.Read(4));
        if (samples.Length % partitions != 0 || samples.Length / partitions < order)
            throw Damaged($"{partitions} partitions of {samples.Length} samples");
        for (var p = 0; p < partitions; p++)
        {
            var part = samples[Math.Max(order, p * (samples.Length / partitions))..((p + 1) * (samples.Length / partitions))];
            var parameter = (int)bits.Read(parameterBits);
            if (parameter == (1 << parameterBits) - 1)
                ReadPlain(bits, part, (int)bits.Read(5));
            else
                foreach (ref var sample in part)
                {
                    var code = ((ulong)bits.ReadUnary() << parameter) | bits.Read(parameter);
                    sample = (long)(code >> 1) ^ -(long)(code & 1);
                }
        }
    }

    private static MotException Damaged(string what) => new($"damaged FLAC: {what}");
}
