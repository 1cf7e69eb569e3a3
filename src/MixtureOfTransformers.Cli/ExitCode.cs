namespace MixtureOfTransformers.Cli;

/// <summary>What the process returns.</summary>
public static class ExitCode
{
    /// <summary>The command did what it was asked to.</summary>
    public const int Success = 0;

    /// <summary>It could not; the reason is on standard error.</summary>
    public const int Failure = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
