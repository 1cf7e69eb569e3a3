namespace MixtureOfTransformers.Data.Speaking;

/// <summary>How something is spoken.</summary>
/// <param name="Name">The voice, as <c>espeak-ng</c> names it.</param>
/// <param name="WordsPerMinute">The rate.</param>
/// <param name="Pitch">0 to 99; 50 is the voice's own.</param>
internal sealed record EspeakVoice(string Name, int WordsPerMinute, int Pitch);
