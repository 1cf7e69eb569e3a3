// Legend: N tokens, H query heads, G key/value heads, K head width, E = (H + 2G) K. Rows of inputs and results are grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>Packed rows of documents whose tokens change towers at random, attended to in both ways.</summary>
/// <param name="Documents">Lengths of the documents of each row.</param>
/// <param name="Towers">Towers.</param>
/// <param name="HeadDim">K.</param>
/// <param name="Padding">Tokens of padding after the fullest row.</param>
internal sealed record AttentionCase(int[][] Documents, int Towers = 2, int HeadDim = 32, int Padding = 1)
{
    private const double Epsilon = 1e-5;
    private const double Theta = 100;

    public int HeadCount { get; init; } = 4;

    public int KeyValueHeadCount { get; init; } = 2;

    public bool Norm { get; init; } = true;

    /// <summary>One set of norm weights for all towers.</summary>
    public bool SharedNorm { get; init; }

    public bool Rotary { get; init; } = true;

    /// <summary>Tokens of tower 1 see to the end of their run, those of others to themselves.</summary>
    public bool Blocks { get; init; }

    public double Scale { get; init; } = 1;

    public ScalarType Dtype { get; init; } = ScalarType.Float32;

    public int Length => Documents.Max(row => row.Sum()) + Padding;

    public int TokenCount => Documents.Length * Length;

    private int NormSets => SharedNorm ? 1 : Towers;

    public int[] Segments => [.. Documents.SelectMany(row => row.SelectMany((length, document) => Enumerable.Repeat(document, length))
        .Concat(Enumerable.Repeat(Batch.PaddingSegment, Length - row.Sum())))];

    /// <summary>Tower of each token in sequence order: runs of random lengths, the same for the same shape.</summary>
    public byte[] TowerOfToken
    {
        get
        {
            var random = new Random(TokenCount);
            var (towers, tower) = (new byte[TokenCount], 0);
            for (var i = 0; i < towers.Length; i++)
                towers[i] = (byte)(tower = random.Next(3) == 0 ? random.Next(Towers) : tower);
            return towers;
        }
    }

    /// <summary>Projections, then the weights of queries' norms, then of keys'.</summary>
    public Tensor[] Inputs() =>
    [
        (Scale * FusedLaw.Random([TokenCount, (HeadCount + (2 * KeyValueHeadCount)) * HeadDim], 1)).to(Dtype),
        .. Norm ? FusedLaw.NormWeights(2 * NormSets, HeadDim, 10) : [],
    ];

    public Tensor Fused(Tensor[] inputs)
    {
        using var routing = Routing();
        var spans = AttentionSpans.Create(Segments, TokenCount, Length, Batch.PaddingSegment, Blocks ? Limits() : null)!;
        var rotation = Rotary ? new RotationTable(spans.Longest, HeadDim, Theta) : null;
        var sets = Norm ? NormSets : 0;
        return FusedAttention.Apply(new(spans, HeadCount, KeyValueHeadCount, HeadDim, Epsilon, rotation, routing.Rows, SharedNorm || !Norm ? [0] : routing.Offsets), inputs[0], inputs[1..(sets + 1)], inputs[(sets + 1)..]);
    }

    public Tensor Composed(Tensor[] inputs)
    {
        using var routing = Routing();
        var sets = Norm ? NormSets : 0;
        var parts = routing.Restore(inputs[0]).split([HeadCount * HeadDim, KeyValueHeadCount * HeadDim, KeyValueHeadCount * HeadDim], -1);
        var q_HNK = Heads(parts[0], inputs[1..(sets + 1)], rotary: Rotary);
        var k_GNK = Heads(parts[1], inputs[(sets + 1)..], rotary: Rotary);
        var v_GNK = Heads(parts[2], [], rotary: false);
        var attended_NHK = Attention.Attend(q_HNK.unsqueeze(0), k_GNK.unsqueeze(0), v_GNK.unsqueeze(0), Allowed(), causal: false).squeeze(0).transpose(0, 1);
        var isReal_N = tensor(Segments).ne(Batch.PaddingSegment);
        return routing.Group(attended_NHK.reshape(TokenCount, -1) * isReal_N.unsqueeze(1));
    }

    /// <summary>Rows of padding in grouped order.</summary>
    public long[] PaddingRows()
    {
        using var routing = Routing();
        return [.. Segments.Select((segment, token) => (segment, token)).Where(t => t.segment == Batch.PaddingSegment).Select(t => (long)(routing.Rows?[t.token] ?? t.token))];
    }

    private ModalityRouting Routing() => ModalityRouting.Create(TowerOfToken, Enumerable.Range(0, Towers).ToArray(), CPU);

    private Tensor Heads(Tensor x_NE, Tensor[] weights, bool rotary)
    {
        var x_NHK = x_NE.reshape(TokenCount, -1, HeadDim);
        if (weights.Length > 0)
        {
            var set_N = tensor(TowerOfToken.Select(tower => weights.Length == 1 ? 0L : tower).ToArray());
            x_NHK = x_NHK * x_NHK.square().mean([-1], keepdim: true).add(Epsilon).rsqrt() * stack(weights).index_select(0, set_N).unsqueeze(1);
        }
        if (!rotary)
            return x_NHK.transpose(0, 1);
        using var embedding = new RotaryEmbedding(tensor(Places()), HeadDim, Theta, ScalarType.Float64);
        return embedding.Apply(x_NHK.unsqueeze(0)).squeeze(0).transpose(0, 1);
    }

    /// <summary>Place of each token in its document.</summary>
    private long[] Places()
    {
        var (segments, places) = (Segments, new long[TokenCount]);
        for (var i = 1; i < TokenCount; i++)
            places[i] = i % Length > 0 && segments[i] == segments[i - 1] ? places[i - 1] + 1 : 0;
        return places;
    }

    private int[] Limits()
    {
        var (segments, towers, places) = (Segments, TowerOfToken, Places());
        var limits = new int[TokenCount];
        for (var i = TokenCount - 1; i >= 0; i--)
        {
            var continues = i + 1 < TokenCount && places[i + 1] > 0 && segments[i] == segments[i + 1] && (towers[i], towers[i + 1]) == (1, 1);
            limits[i] = continues ? limits[i + 1] : (int)places[i] + 1;
        }
        return limits;
    }

    private Tensor Allowed()
    {
        var (segments, places, limits) = (Segments, Places(), Limits());
        var allowed = new bool[TokenCount * TokenCount];
        for (var query = 0; query < TokenCount; query++)
            for (var key = query / Length * Length; key < (query / Length * Length) + Length; key++)
                allowed[(query * TokenCount) + key] = segments[query] == Batch.PaddingSegment ? key == query // so that its softmax is defined
                    : segments[key] == segments[query] && places[key] < (Blocks ? limits[query] : places[query] + 1);
        return tensor(allowed, [TokenCount, TokenCount]);
    }
}
