using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

/// <summary>Decodes one sequence alone, without a cache: every step is a full forward pass over everything so far, and the rules are read off the ids.</summary>
internal static class NaiveDecoder
{
    private const int BeginOfSpeech = 5;

    public static int[] Decode(MotModel model, DecodingRequest request)
    {
        var all = request.Prompt.ToList();
        var random = new SeededRandom(request.Sampling.Seed);
        var limit = request.MaxTokens ?? (model.Config.MaxSequenceLength - all.Count);
        while (all.Count - request.Prompt.Length < limit && (all.Count == request.Prompt.Length || all[^1] != Eos))
        {
            var next = Next(model, request, all, limit, random);
            if (request.StopAtBeginOfBlock && next is Boi or BeginOfSpeech)
                break;
            all.Add(next);
        }
        return [.. all.Skip(request.Prompt.Length)];
    }

    private static int Next(MotModel model, DecodingRequest request, List<int> all, int limit, SeededRandom random)
    {
        var (begin, end) = (all.LastIndexOf(Boi), all.LastIndexOf(Eoi));
        var inImage = begin > end;
        if (inImage && all.Count - begin == Codes + 1)
            return Eoi;
        var logits = Logits(model, all);
        if (inImage && request.Sampling.ImageGuidance != 1)
            logits = [.. logits.Zip(Logits(model, [Bos, .. all.Skip(begin)]), (c, u) => u + ((float)request.Sampling.ImageGuidance * (c - u)))];
        var allowed = inImage ? Enumerable.Range(FirstCode, 8).ToList() : Enumerable.Range(FirstText, FirstCode - FirstText).ToList();
        var images = all.Skip(request.Prompt.Length).Count(t => t == Boi) + (request.Prompt.LastIndexOf(Boi) > request.Prompt.LastIndexOf(Eoi) ? 1 : 0);
        if (request.StopAtBeginOfBlock && all.Count - request.Prompt.Length >= request.MinTokens)
            allowed.InsertRange(0, [Boi, BeginOfSpeech]);
        else if (!inImage && images < (request.MaxImages ?? 99) && limit - (all.Count - request.Prompt.Length) >= Codes + 2)
            allowed.Insert(0, Boi);
        if (!inImage && request.StopAtEndOfSequence && all.Count - request.Prompt.Length >= request.MinTokens)
            allowed.Insert(0, Eos);
        return allowed[NaiveSampler.Draw([.. allowed.Select(id => logits[id])], inImage ? request.Sampling.Image : request.Sampling.Text, random)];
    }

    private static float[] Logits(MotModel model, List<int> tokens)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var logits = TestModels.Run(model, [.. tokens.Select(t => (long)t)], [.. tokens.Select(Vocabulary.ModalityIndexOf)]);
        return logits[0, -1].to(ScalarType.Float32).data<float>().ToArray();
    }
}
