using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>Reads the recordings that <c>mot generate</c> is given: only those of which the model sees all, and after which it has room to answer.</summary>
internal static class RecordingReader
{
    private const int Marks = 2; // the tokens at the begin and the end of speech

    /// <summary>Reads them.</summary>
    /// <param name="request">Names them.</param>
    /// <param name="others">What stands beside them in the document that is continued; nothing where each is answered by itself.</param>
    /// <param name="imageSize">Which of the model's sizes is drawn.</param>
    /// <param name="trained">The model.</param>
    /// <exception cref="MotException">The model knows no speech, or a file cannot be read or is too long; the message names it, and how long it may be.</exception>
    public static AudioClip[] Read(GenerationRequest request, IReadOnlyList<DocumentPart> others, int imageSize, TrainedModel trained)
    {
        if (request.Recordings.Length == 0)
            return [];
        var speech = trained.Tokenizers.Speech ?? throw new MotException("this model was trained without speech");
        var limit = trained.Model.Config.MaxSequenceLength;
        var tokenizer = DocumentTokenizer.Of(trained.Tokenizers);
        var taken = tokenizer.Tokenize([new("prompt", [.. others])])[0].Ids.Length - 1; // without EOS, in place of which the answer begins
        taken += request.Draws ? 1 + tokenizer.Vocabulary.Range(ModalityId.Image).TokensOf(imageSize).Length : 1;
        var clips = new List<AudioClip>();
        foreach (var path in request.Recordings)
        {
            var room = Math.Max(0, limit - taken - Marks);
            var reason = $"max_sequence_length {limit} leaves {room} tokens for it beside {(request.Interleave ? "the other inputs and an answer" : request.Draws ? "the image that is drawn" : "an answer")}; cut it into pieces";
            var (clip, tokens) = Read(path, speech, room, reason);
            clips.Add(clip);
            taken += request.Interleave ? Marks + tokens : 0;
        }
        return [.. clips];
    }

    private static (AudioClip Clip, int Tokens) Read(string path, ISpeechTokenizer speech, int room, string reason) => AudioFile.Use(path, double.PositiveInfinity, sound =>
    {
        var clip = sound.AtMost(speech.LongestSeconds(room), reason).ToClip();
        var tokens = speech.Encode(clip).Length; // which runs of equal ones make fewer, but how many is not known before
        return tokens <= room ? (clip, tokens) : throw new MotException(FormattableString.Invariant($"a recording of {clip.Seconds:0.##} s makes {tokens} tokens: {reason}"));
    });
}
