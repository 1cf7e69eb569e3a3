using System.Numerics;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>How sound is cut into frames and bands.</summary>
/// <param name="SampleRate">Samples per second.</param>
/// <param name="Hop">Samples from one frame to the next.</param>
/// <param name="Window">Samples under the Hann window of one frame.</param>
/// <param name="MelCount">Mel bands, F.</param>
internal sealed record MelShape(int SampleRate, int Hop, int Window, int MelCount)
{
    /// <summary>Quieter bands count as this quiet, in dB of full scale.</summary>
    public const double FloorDb = -80;

    /// <summary>What networks take for 0, in dB.</summary>
    public const double MiddleDb = -40;

    /// <summary>Decibels of one unit in networks.</summary>
    public const double UnitDb = 20;

    /// <summary>Samples of the Fourier transform: the window's next power of two.</summary>
    public int FftLength => (int)BitOperations.RoundUpToPowerOf2((uint)Window);

    /// <summary>Samples before the first hop that its frame also covers: a frame is centred on its hop.</summary>
    public int Lead => (FftLength - Hop) / 2;

    /// <summary>The periodic Hann window, at the middle of <see cref="FftLength"/> samples.</summary>
    public float[] CreateWindow()
    {
        var window = new float[FftLength];
        for (var i = 0; i < Window; i++)
            window[((FftLength - Window) / 2) + i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Window)));
        return window;
    }
}
