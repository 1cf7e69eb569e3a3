using System.Collections.Immutable;
using MixtureOfTransformers.Data.Speaking;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>The documents of a recipe: all its sources one after the other, split, repeated, ordered. Reads lazily and the same each time.</summary>
public sealed class DataMix
{
    private readonly DataRecipe _recipe;
    private readonly ImmutableArray<IDocumentSource> _sources;

    /// <summary>Opens the sources of <paramref name="recipe"/>.</summary>
    /// <exception cref="MotException">The recipe is invalid or a source cannot be opened.</exception>
    public DataMix(DataRecipe recipe)
    {
        _recipe = recipe.Validate();
        _sources = [.. recipe.Sources.Select(s => s.Spoken > 0 ? new SpokenCaptionSource(s.Open(recipe), s.Spoken, recipe) : s.Open(recipe))];
    }

    /// <summary>About how many documents <see cref="Read"/> gives; null when a source does not know.</summary>
    public long? EstimatedCount => _sources.Zip(_recipe.Sources).Aggregate((long?)0, (sum, pair) => sum + (long?)(pair.First.EstimatedCount * pair.Second.Repeat));

    /// <summary>Reads everything from the start.</summary>
    /// <param name="problems">Counts what is skipped.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <exception cref="MotException">A source gives nothing, cannot be read, or too much of it is bad.</exception>
    public IEnumerable<MixedDocument> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        for (var s = 0; s < _sources.Length; s++)
        {
            var (source, recipe) = (_sources[s], _recipe.Sources[s]);
            var index = 0L;
            foreach (var document in source.Read(problems, cancellationToken))
            {
                var split = recipe.Split ?? document.Split ?? SplitRule.SideOf(document, _recipe.ValidationFraction);
                var random = new SeededRandom(_recipe.Seed, s, index++);
                var repeat = split == DataSplit.Train ? recipe.Repeat : Math.Min(1, recipe.Repeat);
                var copies = (int)repeat + (random.Chance(repeat % 1) ? 1 : 0);
                for (var copy = 0; copy < copies; copy++)
                    yield return new(split, Arrange(document, split, random));
            }
            if (index == 0)
                throw new MotException($"{source.Name} gives no documents{(problems.Count > 0 ? $"; the first problem: {problems.First[0]}" : "")}");
        }
    }

    private Document Arrange(Document document, DataSplit split, SeededRandom random) => document.Parts switch
    {
        [TextPart text, ImagePart image] => ArrangeImage(document, text, image, split, random),
        [ImagePart image, TextPart text] => ArrangeImage(document, text, image, split, random),
        [TextPart text, SpeechPart speech] => ArrangeSpeech(document, text, speech, split, random),
        [SpeechPart speech, TextPart text] => ArrangeSpeech(document, text, speech, split, random),
        [TextPart text, ImagePart image, SpeechPart speech] => document with { Parts = ArrangeAll(text, image, speech, split, random) },
        _ => document,
    };

    private Document ArrangeImage(Document document, TextPart text, ImagePart image, DataSplit split, SeededRandom random)
    {
        var (imageFirst, dropped) = (random.Chance(_recipe.ImageFirst), random.Chance(_recipe.CaptionDropout));
        return document with { Parts = dropped && split == DataSplit.Train ? [image] : imageFirst ? [image, text] : [text, image] };
    }

    private Document ArrangeSpeech(Document document, TextPart text, SpeechPart speech, DataSplit split, SeededRandom random)
    {
        var (speechFirst, kept) = (random.Chance(_recipe.SpeechFirst), Keep(speech, split, random));
        return document with
        {
            Parts = kept switch
            {
                Kept.Speech => [speech],
                Kept.Text => [text],
                Kept.Phrases => PhraseSwitching.Arrange(speech, speechFirst, random),
                _ => speechFirst ? [speech, text] : [Named(text, speech, random), speech],
            },
        };
    }

    /// <summary>Half of the texts before speech say who is to speak, where that is known.</summary>
    private static TextPart Named(TextPart text, SpeechPart speech, SeededRandom random) =>
        !string.IsNullOrWhiteSpace(speech.Speaker) && random.Chance(0.5) ? new($"{speech.Speaker}: {text.Text}") : text;

    /// <summary>Caption, image and speech of the same thing in any of their six orders, so that every one of them is told from every other.</summary>
    private ImmutableArray<DocumentPart> ArrangeAll(TextPart text, ImagePart image, SpeechPart speech, DataSplit split, SeededRandom random)
    {
        var (order, imageFirst, kept) = (random.Next(6), random.Chance(_recipe.ImageFirst), Keep(speech, split, random));
        ImmutableArray<DocumentPart> Both(ImmutableArray<DocumentPart> said) => imageFirst ? [image, .. said] : [.. said, image];
        return kept switch
        {
            Kept.Speech => Both([speech]),
            Kept.Text => Both([text]),
            Kept.Phrases => Both(PhraseSwitching.Arrange(speech, random.Chance(_recipe.SpeechFirst), random)),
            _ => order switch { 0 => [text, image, speech], 1 => [text, speech, image], 2 => [image, text, speech], 3 => [image, speech, text], 4 => [speech, text, image], _ => [speech, image, text] },
        };
    }

    /// <summary>What is kept of a transcript and its recording; on the validation side both.</summary>
    private Kept Keep(SpeechPart speech, DataSplit split, SeededRandom random)
    {
        var drawn = random.NextUnit();
        if (split != DataSplit.Train)
            return Kept.Both;
        if (drawn < _recipe.CaptionDropout)
            return Kept.Speech;
        if (drawn >= 1 - _recipe.SpeechDropout)
            return Kept.Text;
        return drawn >= 1 - _recipe.SpeechDropout - _recipe.Interleave && PhraseSwitching.IsPossible(speech) ? Kept.Phrases : Kept.Both;
    }

    private enum Kept
    {
        Both,
        Text,
        Speech,
        Phrases,
    }
}
