namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Triangular filters, evenly spaced on the mel scale of Slaney's Auditory Toolbox: linear up to 1000 Hz, logarithmic above. Each has the height 1.</summary>
internal static class MelFilters
{
    private const double LinearEnd = 1000;        // Hz
    private const double HertzPerMel = 200.0 / 3; // of the linear part
    private static readonly double _logStep = Math.Log(6.4) / 27;

    /// <summary>Hertz to mel.</summary>
    public static double MelOf(double hertz) => hertz < LinearEnd ? hertz / HertzPerMel : (LinearEnd / HertzPerMel) + (Math.Log(hertz / LinearEnd) / _logStep);

    /// <summary>Mel to hertz.</summary>
    public static double HertzOf(double mel) => mel < LinearEnd / HertzPerMel ? mel * HertzPerMel : LinearEnd * Math.Exp((mel - (LinearEnd / HertzPerMel)) * _logStep);

    /// <summary>The filters from 0 Hz to half the sample rate.</summary>
    /// <param name="filterCount">How many.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="fftLength">Samples of the Fourier transform; it has half as many frequencies and one more.</param>
    /// <returns>[filter, frequency].</returns>
    public static float[,] Create(int filterCount, int sampleRate, int fftLength)
    {
        var top = MelOf(sampleRate / 2.0);
        var edges = Enumerable.Range(0, filterCount + 2).Select(i => HertzOf(top * i / (filterCount + 1))).ToArray();
        var filters = new float[filterCount, (fftLength / 2) + 1];
        for (var m = 0; m < filterCount; m++)
            for (var k = 0; k < filters.GetLength(1); k++)
            {
                var hertz = (double)k * sampleRate / fftLength;
                var rising = (hertz - edges[m]) / (edges[m + 1] - edges[m]);
                var falling = (edges[m + 2] - hertz) / (edges[m + 2] - edges[m + 1]);
                filters[m, k] = (float)Math.Max(0, Math.Min(rising, falling));
            }
        return filters;
    }
}
