using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Tokenizers.Speech;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Tokenizers.Speech;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers;

/// <summary>Weights that are not those that were saved are refused, whatever kind of tokenizer they are of.</summary>
public sealed class NetworkFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Weights => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("vae")]
    [InlineData("image")]
    [InlineData("speech")]
    public void OneFlippedBitIsNoticed(string kind)
    {
        Save(kind);
        Load(kind);
        var bytes = File.ReadAllBytes(Weights);
        foreach (var place in new[] { 1, bytes.Length / 3, bytes.Length / 10 })
        {
            var damaged = (byte[])bytes.Clone();
            damaged[^place] ^= 1;
            File.WriteAllBytes(Weights, damaged);
            var message = Assert.Throws<CorruptFileException>(() => Load(kind)).Message;
            Assert.StartsWith($"{Weights}: the SHA-256 digest of the weights is ", message);
            Assert.EndsWith("or train the tokenizer again", message);
        }
    }

    [Fact]
    public void WeightsFromBeforeThereWasADigestAreReadAndKeepTheirFingerprint()
    {
        Save("vae");
        using var vae = ImageVae.Load(_folder.Path);
        Rewrite(_ => { });
        using var old = ImageVae.Load(_folder.Path);
        Assert.Equal(vae.Fingerprint, old.Fingerprint);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void NumbersThatAreNotFiniteAreRefused(float number)
    {
        Save("vae");
        Rewrite(weights => weights["decoder.input.bias"][0] = number);
        Assert.StartsWith($"{Weights}: not all numbers of decoder.input.bias are finite", Assert.Throws<CorruptFileException>(() => ImageVae.Load(_folder.Path)).Message);
    }

    /// <summary>Writes the weights as earlier versions did, without a digest.</summary>
    private void Rewrite(Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var file = Safetensors.Load(Weights))
            tensors = file.Names.ToDictionary(name => name, name => file.Read(name));
        change(tensors);
        Safetensors.Save(Weights, tensors, new Dictionary<string, string> { ["kind"] = "image_vae" });
    }

    private void Save(string kind)
    {
        using var vae = kind == "vae" ? SampleImages.TrainVae() : null;
        using var image = kind == "image" ? SampleImages.Train() : null;
        using var speech = kind == "speech" ? SampleSpeech.Train(steps: 2) : null;
        vae?.Save(_folder.Path);
        image?.Save(_folder.Path);
        speech?.Save(_folder.Path);
    }

    private void Load(string kind)
    {
        using var tokenizer = kind switch
        {
            "vae" => ImageVae.Load(_folder.Path),
            "image" => ImageTokenizer.Load(_folder.Path),
            _ => (IDisposable)SpeechTokenizer.Load(_folder.Path),
        };
    }
}
