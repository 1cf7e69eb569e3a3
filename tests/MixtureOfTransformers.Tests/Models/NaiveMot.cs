using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>The model one token at a time in plain C# arithmetic, looking every weight up by the token's tower: slow, and nothing in common with the code under test.</summary>
internal sealed class NaiveMot(MotModel model)
{
    private readonly Dictionary<string, double[,]> _matrices = model.named_parameters().Where(p => p.parameter.dim() == 2).ToDictionary(p => p.name, p => Matrix(p.parameter));
    private readonly Dictionary<string, double[]> _vectors = model.named_parameters().Where(p => p.parameter.dim() == 1).ToDictionary(p => p.name, p => Values(p.parameter));
    private readonly MotConfig _config = model.Config;

    /// <param name="tokens">Token ids, row after row.</param>
    /// <param name="modalities">Modality of each.</param>
    /// <param name="documents">The document of its row that each token belongs to, -1 for padding; null where each row is one.</param>
    /// <param name="length">Tokens per row; 0 for a single row.</param>
    public double[][] Logits(long[] tokens, byte[] modalities, int[]? documents = null, int length = 0)
    {
        length = length == 0 ? tokens.Length : length;
        var all = Enumerable.Range(0, tokens.Length).ToArray();
        var document = all.Select(i => (Row: i / length, Document: documents?[i] ?? 0)).ToArray();
        var tower = modalities.Select(m => _config.EffectiveTowers[m]).ToArray();
        var x = tokens.Select((t, i) => Row(_matrices["tok_embeddings"], (int)t)[.._config.DimOf(tower[i])]).ToArray(); // a narrow tower uses the first columns of table and head
        for (var layer = 0; layer < _config.LayerCount; layer++)
            if (_config.MixtureOfDepths is { } depths && depths.Has(layer))
                x = Depths(x, tower, document, depths, $"layers.{layer}");
            else
                x = Layer(x, all, tower, document, $"layers.{layer}");
        return [.. x.Select((row, i) => Multiply(_matrices["output.weight"], Norm(row, "norm", tower[i])))];
    }

    /// <summary>The tokens with the highest gates run as if there were no others, at their places.</summary>
    private double[][] Depths(double[][] x, int[] tower, (int Row, int Document)[] document, MixtureOfDepths depths, string layer)
    {
        var gate = x.Select(row => 1 / (1 + Math.Exp(-row.Select((v, d) => v * _matrices[$"{layer}.depth.router.weight"][0, d]).Sum()))).ToArray();
        var pools = Enumerable.Range(0, x.Length).Where(i => document[i].Document >= 0).GroupBy(i => depths.Pool == ExpertPool.Sequence ? document[i].Row : 0);
        var passing = pools.SelectMany(pool => pool.OrderByDescending(i => gate[i]).Take((int)Math.Ceiling(depths.Capacity * pool.Count()))).Order().ToArray();
        var through = Layer([.. passing.Select(i => x[i])], passing, [.. passing.Select(i => tower[i])], [.. passing.Select(i => document[i])], layer);
        var y = (double[][])x.Clone();
        foreach (var (i, branch) in passing.Zip(through))
            y[i] = [.. x[i].Select((v, d) => v + (gate[i] * (branch[d] - v)))];
        return y;
    }

    private double[][] Layer(double[][] x, int[] place, int[] tower, (int Row, int Document)[] document, string layer)
    {
        var pre = _config.NormPlacement == NormPlacement.Pre;
        var count = x.Length;
        int dim = _config.HeadCount * _config.HeadDim, headDim = _config.HeadDim, heads = _config.HeadCount, kvHeads = _config.EffectiveKeyValueHeadCount;
        var q = new double[count][];
        var k = new double[count][];
        var v = new double[count][];
        for (var i = 0; i < count; i++)
        {
            var input = pre ? Norm(x[i], $"{layer}.attention_norm", tower[i]) : x[i];
            var qkv = Multiply(_matrices[Name($"{layer}.wqkv", tower[i])], input);
            q[i] = Turn(PerHeadNorm(qkv[..dim], $"{layer}.qk_norm.q", tower[i]), place[i]);
            k[i] = Turn(PerHeadNorm(qkv[dim..(dim + (kvHeads * headDim))], $"{layer}.qk_norm.k", tower[i]), place[i]);
            v[i] = qkv[(dim + (kvHeads * headDim))..];
        }
        var y = new double[count][];
        for (var i = 0; i < count; i++)
        {
            var attended = new double[dim];
            for (var h = 0; h < heads; h++)
            {
                var g = h / (heads / kvHeads);
                var keys = Enumerable.Range(0, i + 1).Where(j => document[j] == document[i]).ToArray();
                var scores = keys.Select(j => Enumerable.Range(0, headDim).Sum(d => q[i][(h * headDim) + d] * k[j][(g * headDim) + d]) / Math.Sqrt(headDim)).ToArray();
                var weights = scores.Select(s => Math.Exp(s - scores.Max())).ToArray();
                for (var j = 0; j < keys.Length; j++)
                    for (var d = 0; d < headDim; d++)
                        attended[(h * headDim) + d] += weights[j] / weights.Sum() * v[keys[j]][(g * headDim) + d];
            }
            var o = Multiply(_matrices[Name($"{layer}.wo", tower[i])], attended);
            var hidden = Add(x[i], pre ? o : Norm(o, $"{layer}.attention_norm", tower[i]));
            var f = SwiGlu(pre ? Norm(hidden, $"{layer}.ffn_norm", tower[i]) : hidden, $"{layer}.feed_forward", tower[i]);
            y[i] = Add(hidden, pre ? f : Norm(f, $"{layer}.ffn_norm", tower[i]));
        }
        return y;
    }

    private double[] SwiGlu(double[] x, string name, int tower)
    {
        var prefix = _matrices.ContainsKey($"{name}.{tower}.w13.weight") ? $"{name}.{tower}" : $"{name}.0";
        var both = Multiply(_matrices[$"{prefix}.w13.weight"], x);
        var inner = both.Length / 2;
        return Multiply(_matrices[$"{prefix}.w2.weight"], [.. Enumerable.Range(0, inner).Select(i => both[i] / (1 + Math.Exp(-both[i])) * both[inner + i])]);
    }

    private double[] PerHeadNorm(double[] x, string name, int tower)
    {
        var headDim = _config.HeadDim;
        return _config.QkNorm == QkNorm.None ? x : [.. x.Chunk(headDim).SelectMany(head => _config.QkNorm == QkNorm.Rms ? Norm(head, name, tower) : LayerNorm(head, name, tower))];
    }

    private double[] Turn(double[] x, int position)
    {
        var (headDim, y) = (_config.HeadDim, (double[])x.Clone());
        for (var start = 0; start < x.Length; start += headDim)
            for (var i = 0; i < headDim / 2; i++)
            {
                var angle = position * Math.Pow(_config.RopeTheta, -2.0 * i / headDim);
                var (a, b) = (x[start + i], x[start + i + (headDim / 2)]);
                y[start + i] = (a * Math.Cos(angle)) - (b * Math.Sin(angle));
                y[start + i + (headDim / 2)] = (b * Math.Cos(angle)) + (a * Math.Sin(angle));
            }
        return y;
    }

    private double[] Norm(double[] x, string name, int tower)
    {
        var weight = _vectors[_vectors.ContainsKey($"{name}.{tower}.weight") ? $"{name}.{tower}.weight" : $"{name}.0.weight"];
        var rms = Math.Sqrt(x.Average(v => v * v) + _config.NormEpsilon);
        return [.. x.Select((v, i) => v / rms * weight[i])];
    }

    private double[] LayerNorm(double[] x, string name, int tower)
    {
        var (weight, bias, mean) = (_vectors[$"{name}.{tower}.weight"], _vectors[$"{name}.{tower}.bias"], x.Average());
        var deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + _config.NormEpsilon);
        return [.. x.Select((v, i) => ((v - mean) / deviation * weight[i]) + bias[i])];
    }

    private string Name(string part, int tower) => _matrices.ContainsKey($"{part}.{tower}.weight") ? $"{part}.{tower}.weight" : $"{part}.0.weight";

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[] Multiply(double[,] w, double[] x) => [.. Enumerable.Range(0, w.GetLength(0)).Select(i => Enumerable.Range(0, x.Length).Sum(j => w[i, j] * x[j]))];

    private static double[] Row(double[,] m, int row) => [.. Enumerable.Range(0, m.GetLength(1)).Select(j => m[row, j])];

    private static double[] Values(Tensor t) => t.detach().to(ScalarType.Float64).data<double>().ToArray();

    private static double[,] Matrix(Tensor t)
    {
        var values = Values(t);
        var matrix = new double[t.shape[0], t.shape[1]];
        Buffer.BlockCopy(values, 0, matrix, 0, values.Length * sizeof(double));
        return matrix;
    }
}
