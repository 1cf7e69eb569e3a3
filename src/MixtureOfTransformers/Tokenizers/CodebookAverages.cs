// Legend: N vectors, D code dimension, K codes, R codes to revive.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Learns a codebook: each code is the running average of the vectors it was the nearest code of (van den Oord et al. 2017, appendix A.1).</summary>
internal sealed class CodebookAverages : IDisposable
{
    private const int KMeansRounds = 10;
    private const double DeadShare = 0.1;   // of the count that equal use would give
    private const double RevivedShare = 0.5;
    private const double MinCount = 1e-3;
    private const double MinDistance = 1e-8; // lets multinomial draw when every vector is already a code

    private readonly VectorQuantizer _quantizer;
    private readonly double _decay;
    private readonly Generator _generator;
    private readonly Tensor _count_K;
    private readonly Tensor _sum_KD;

    public CodebookAverages(VectorQuantizer quantizer, double decay, Generator generator)
    {
        (_quantizer, _decay, _generator) = (quantizer, decay, generator);
        _count_K = zeros(quantizer.Codebook.shape[0]).DetachFromDisposeScope();
        _sum_KD = zeros_like(quantizer.Codebook).DetachFromDisposeScope();
    }

    /// <summary>Running number of vectors per step and code, [K]; owned by this object.</summary>
    public Tensor Counts => _count_K;

    private long CodeCount => _count_K.shape[0];

    /// <summary>Starts the codebook at the centres of <paramref name="z_ND"/>: k-means, started as k-means++ with several draws at a time.</summary>
    /// <param name="z_ND">[N, D].</param>
    /// <param name="vectorsPerStep">How many vectors each step will bring.</param>
    public void Initialize(Tensor z_ND, long vectorsPerStep)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Seed(z_ND);
        var count_K = _count_K;
        for (var round = 0; round < KMeansRounds; round++)
        {
            using var inner = NewDisposeScope();
            var (codes_N, distances_N) = _quantizer.Nearest(z_ND);
            (count_K, var sum_KD) = Assign(z_ND, codes_N);
            _quantizer.Codebook.copy_(sum_KD / count_K.clamp_min(1).unsqueeze(1));
            var empty_R = count_K.eq(0).nonzero().squeeze(1);
            if (empty_R.shape[0] > 0)
                _quantizer.Codebook.index_copy_(0, empty_R, Draw(z_ND, distances_N, empty_R.shape[0]));
            count_K.MoveToOuterDisposeScope();
        }
        _count_K.copy_(count_K * ((double)vectorsPerStep / z_ND.shape[0]));
        _sum_KD.copy_(_quantizer.Codebook * _count_K.unsqueeze(1));
    }

    /// <summary>Takes in one step's vectors.</summary>
    /// <param name="z_ND">[N, D].</param>
    /// <param name="codes_N">Their nearest codes, [N].</param>
    public void Update(Tensor z_ND, Tensor codes_N)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (count_K, sum_KD) = Assign(z_ND, codes_N);
        _count_K.mul_(_decay).add_(count_K, 1 - _decay);
        _sum_KD.mul_(_decay).add_(sum_KD, 1 - _decay);
        _quantizer.Codebook.copy_(_sum_KD / _count_K.clamp_min(MinCount).unsqueeze(1));
    }

    /// <summary>Moves codes that are hardly ever the nearest onto vectors that are far from all codes.</summary>
    /// <param name="z_ND">This step's vectors, [N, D].</param>
    /// <param name="distances_N">How far each is from its code, [N].</param>
    /// <returns>How many codes moved.</returns>
    public long ReviveDead(Tensor z_ND, Tensor distances_N)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var equal = (double)z_ND.shape[0] / CodeCount;
        var dead_R = _count_K.lt(DeadShare * equal).nonzero().squeeze(1);
        if (dead_R.shape[0] == 0)
            return 0;
        var revived_RD = Draw(z_ND, distances_N, dead_R.shape[0]);
        _count_K.index_fill_(0, dead_R, RevivedShare * equal);
        _sum_KD.index_copy_(0, dead_R, revived_RD * (RevivedShare * equal));
        _quantizer.Codebook.index_copy_(0, dead_R, revived_RD);
        return dead_R.shape[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _count_K.Dispose();
        _sum_KD.Dispose();
    }

    private void Seed(Tensor z_ND)
    {
        using var scope = NewDisposeScope();
        var perDraw = Math.Max(8, CodeCount / 32);
        var distances_N = ones(z_ND.shape[0]);
        for (var next = 0L; next < CodeCount; next += perDraw)
        {
            var drawn = Draw(z_ND, distances_N, Math.Min(perDraw, CodeCount - next));
            _quantizer.Codebook.narrow(0, next, drawn.shape[0]).copy_(drawn);
            var nearest_N = cdist(z_ND, drawn).square().amin([1]);
            distances_N = next == 0 ? nearest_N : minimum(distances_N, nearest_N);
        }
    }

    private Tensor Draw(Tensor z_ND, Tensor distances_N, long count) =>
        z_ND.index_select(0, multinomial(distances_N.clamp_min(MinDistance), count, replacement: true, _generator));

    private (Tensor Count, Tensor Sum) Assign(Tensor z_ND, Tensor codes_N) =>
        (zeros_like(_count_K).index_add_(0, codes_N, ones(codes_N.shape[0]), 1), zeros_like(_sum_KD).index_add_(0, codes_N, z_ND, 1));
}
