using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Images;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli;

/// <summary>The caption score by a CLIP that the user has as a folder in the layout of Hugging Face's exports: <c>model.onnx</c>, <c>vocab.json</c>, <c>merges.txt</c>, <c>preprocessor_config.json</c>.
/// It is the mean cosine; published CLIP scores are 2.5 (Hessel et al. 2021) or 100 times that, of images that are scaled by bicubic interpolation, and here by a triangle filter.</summary>
internal sealed class OnnxClip : ICaptionScore, IDisposable
{
    private const int PairsAtOnce = 16;
    private const string ImageEmbeddings = "image_embeds", TextEmbeddings = "text_embeds";

    private readonly string _folder;
    private readonly InferenceSession _session;
    private readonly ClipTokenizer _tokenizer;
    private readonly ClipPreprocessor _preprocessor;

    private OnnxClip(string folder, InferenceSession session)
    {
        (_folder, _session, _tokenizer, _preprocessor) = (folder, session, new(folder), ClipPreprocessor.Read(folder));
        string[] inputs = ["input_ids", "attention_mask", "pixel_values"];
        if (!session.InputMetadata.Keys.Order().SequenceEqual(inputs.Order()) || !session.OutputMetadata.ContainsKey(ImageEmbeddings) || !session.OutputMetadata.ContainsKey(TextEmbeddings))
            throw new MotException($"{Path.Combine(folder, "model.onnx")} takes {string.Join(", ", session.InputMetadata.Keys)} and gives {string.Join(", ", session.OutputMetadata.Keys)}; "
                + $"it must take {string.Join(", ", inputs)} and give {ImageEmbeddings} and {TextEmbeddings}");
    }

    /// <inheritdoc/>
    public string Judge => $"the CLIP in {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_folder)))}";

    /// <summary>Opens a folder; the caller disposes what it gives.</summary>
    /// <exception cref="MotException">A file is missing or no such network, or ONNX Runtime is not there.</exception>
    public static OnnxClip Open(string folder)
    {
        var path = Path.Combine(folder, "model.onnx");
        if (!File.Exists(path))
            throw new MotException($"--clip: {path} does not exist");
        OnnxRuntimeLibrary.Require();
        InferenceSession? session = null;
        try
        {
            session = new(path);
            return new(folder, session);
        }
        catch (OnnxRuntimeException error)
        {
            throw new MotException($"--clip: {path} cannot be read by ONNX Runtime: {error.Message}", error);
        }
        catch (MotException error)
        {
            session?.Dispose();
            throw new MotException($"--clip: {error.Message}", error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="MotException">The network does not take such images or texts.</exception>
    public double Score(IReadOnlyList<PixelImage> images, IReadOnlyList<string> captions) => images.Zip(captions).Chunk(PairsAtOnce).SelectMany(Cosines).Average();

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private List<double> Cosines((PixelImage Image, string Caption)[] pairs)
    {
        var texts = pairs.Select(p => _tokenizer.Encode(p.Caption)).ToArray();
        int[] textShape = [pairs.Length, ClipTokenizer.Length], imageShape = [pairs.Length, 3, _preprocessor.Side, _preprocessor.Side];
        using var outputs = Run(
        [
            NamedOnnxValue.CreateFromTensor("input_ids", new DenseTensor<long>(texts.SelectMany(t => t.Ids).ToArray(), textShape)),
            NamedOnnxValue.CreateFromTensor("attention_mask", new DenseTensor<long>(texts.SelectMany(t => t.Mask).ToArray(), textShape)),
            NamedOnnxValue.CreateFromTensor("pixel_values", new DenseTensor<float>(pairs.SelectMany(p => _preprocessor.Apply(p.Image)).ToArray(), imageShape)),
        ]);
        var (seen, said) = (Rows(outputs[0]), Rows(outputs[1]));
        return [.. seen.Zip(said, (a, b) => a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y)))];

        float[][] Rows(DisposableNamedOnnxValue output) => output.Value is Tensor<float> { Length: var length } tensor ? [.. tensor.Chunk((int)length / pairs.Length)]
            : throw new MotException($"--clip: {output.Name} is {output.ElementType}; it must be float32");
    }

    private IDisposableReadOnlyCollection<DisposableNamedOnnxValue> Run(NamedOnnxValue[] inputs)
    {
        try
        {
            return _session.Run(inputs, [ImageEmbeddings, TextEmbeddings]);
        }
        catch (OnnxRuntimeException error)
        {
            var side = _preprocessor.Side;
            throw new MotException($"--clip: {Path.Combine(_folder, "model.onnx")} cannot judge images of {side}x{side} pixels, the crop_size of preprocessor_config.json, "
                + $"and texts of {ClipTokenizer.Length} ids: {error.Message}", error);
        }
    }
}
