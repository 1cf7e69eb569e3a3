// Legend: N images, C channels, H rows, W columns, F features.
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Images;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MixtureOfTransformers.Cli;

/// <summary>Features by a network that the user has as an ONNX file, for instance the Inception of the published FID. It takes float32 images [N, C, H, W] with samples from 0 to 1 and does its
/// own normalisation; where H and W are fixed, images are scaled to them. The first output, flattened, is the features.</summary>
internal sealed class OnnxFeatures : IImageFeatures, IDisposable
{
    private const int LargestBatch = 32;

    private readonly InferenceSession _session;
    private readonly string _path;
    private readonly string _input;
    private readonly int[] _shape; // [N, C, H, W]; not positive where any number will do

    private OnnxFeatures(InferenceSession session, string path)
    {
        (_session, _path) = (session, path);
        (_input, var input) = session.InputMetadata.Count == 1 ? session.InputMetadata.Single() : throw Unfit($"has {session.InputMetadata.Count} inputs");
        _shape = input.Dimensions;
        if (!input.IsTensor || input.ElementDataType != TensorElementType.Float || _shape.Length != 4 || _shape[1] is not (1 or 3) || _shape[2] > 0 != _shape[3] > 0)
            throw Unfit($"takes {input.ElementDataType} of [{string.Join(", ", _shape)}]");
    }

    /// <inheritdoc/>
    public string Name => $"features of {Path.GetFileName(_path)}";

    /// <summary>Opens a file; the caller disposes what it gives.</summary>
    /// <exception cref="MotException">The file is missing or no such network, or ONNX Runtime is not there.</exception>
    public static OnnxFeatures Open(string path)
    {
        if (!File.Exists(path))
            throw new MotException($"--features: {path} does not exist");
        OnnxRuntimeLibrary.Require();
        InferenceSession? session = null;
        try
        {
            session = new(path);
            return new(session, path);
        }
        catch (OnnxRuntimeException error)
        {
            throw new MotException($"--features: {path} cannot be read by ONNX Runtime: {error.Message}", error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Of(IReadOnlyList<PixelImage> images)
    {
        return SizeGroups.Map([.. images.Select(Fitted)], _shape[0] > 0 ? _shape[0] : LargestBatch, Features);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private PixelImage Fitted(PixelImage image)
    {
        var coloured = ImageResizer.WithChannels(image, _shape[1]);
        return _shape[2] > 0 && _shape[3] > 0 ? ImageResizer.Cover(coloured, _shape[3], _shape[2]) : coloured;
    }

    private Tensor Features(PixelImage[] images)
    {
        var rows = Math.Max(images.Length, _shape[0]); // a fixed batch is filled up with black
        var (channels, height, width) = (images[0].Channels, images[0].Height, images[0].Width);
        var input_NCHW = new DenseTensor<float>([rows, channels, height, width]);
        for (var n = 0; n < images.Length; n++)
            for (var i = 0; i < images[n].Samples.Length; i++)
                input_NCHW.SetValue((((n * channels) + (i % channels)) * height * width) + (i / channels), images[n].Samples[i] / 255f);
        using var outputs = _session.Run([NamedOnnxValue.CreateFromTensor(_input, input_NCHW)]);
        var output = outputs[0].Value as Tensor<float> ?? throw Unfit($"gives {outputs[0].ElementType}");
        return tensor(output.ToArray()).view(rows, -1).narrow(0, 0, images.Length);
    }

    private MotException Unfit(string what) => new($"--features: {_path} {what}; it must take one float32 input [N, C, H, W] of 1 or 3 channels, H and W both fixed or both free, and give float32");
}
