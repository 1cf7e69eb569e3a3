using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>One source of a <see cref="DataRecipe"/>; the field <c>type</c> says which kind.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SceneRecipe), "scenes")]
[JsonDerivedType(typeof(CaptionedImageRecipe), "captioned_images")]
[JsonDerivedType(typeof(IdxRecipe), "idx")]
[JsonDerivedType(typeof(TextRecipe), "text")]
[JsonDerivedType(typeof(CaptionedSpeechRecipe), "captioned_speech")]
[JsonDerivedType(typeof(LibriSpeechRecipe), "librispeech")]
[JsonDerivedType(typeof(SpokenWordsRecipe), "spoken_words")]
public abstract record SourceRecipe
{
    /// <summary>How often each training document is used per epoch: 2 is twice, 0.5 is every other one. Each use draws its own order and dropout. Validation documents are never repeated, only thinned.</summary><value>Default: 1.</value>
    public double Repeat { get; init; } = 1;

    /// <summary>The side that all documents of this source are on; null shares them out by <see cref="SplitRule"/>.</summary>
    public DataSplit? Split { get; init; }

    /// <summary>Share of the captions that <c>espeak-ng</c> says too, so that a document is caption, image and speech of the same thing; for sources of images.</summary><value>Default: 0.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Spoken { get; init; }

    /// <summary>The modalities of its documents.</summary>
    internal IReadOnlyList<ModalityId> Modalities => Spoken > 0 ? [.. OwnModalities, ModalityId.Speech] : OwnModalities;

    /// <summary>The same before captions are spoken.</summary>
    internal virtual IReadOnlyList<ModalityId> OwnModalities => [ModalityId.Text, ModalityId.Image];

    /// <summary>The files that are read; their names, lengths and times of last change are part of what identifies prepared data.</summary>
    /// <exception cref="MotException">A pattern matches no file, or a file that lists others is missing.</exception>
    public virtual IReadOnlyList<string> ListInputFiles() => [];

    /// <summary>The source.</summary>
    /// <param name="recipe">The recipe that this source is part of.</param>
    /// <exception cref="MotException">A file is missing or is not what it should be.</exception>
    public abstract IDocumentSource Open(DataRecipe recipe);

    /// <summary>Checks the fields against each other and the recipe.</summary>
    /// <exception cref="ConfigException">A value is out of range.</exception>
    public virtual void Validate(DataRecipe recipe)
    {
        if (!(Repeat > 0 && Repeat <= 1000))
            throw new ConfigException($"repeat {Repeat} must be above 0 and at most 1000");
        if (!(Spoken >= 0 && Spoken <= 1))
            throw new ConfigException($"spoken {Spoken} must be from 0 to 1");
        if (Spoken > 0 && (!OwnModalities.Contains(ModalityId.Image) || OwnModalities.Contains(ModalityId.Speech)))
            throw new ConfigException($"spoken {Spoken}: only captions of images without speech of their own can be spoken; leave it out");
    }
}
