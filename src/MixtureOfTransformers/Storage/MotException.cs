namespace MixtureOfTransformers.Storage;

/// <summary>An error the user can act on: its message names the value, the limit and the remedy. Programs print it as one line, without a stack trace.</summary>
public class MotException : Exception
{
    /// <summary>An error with a message for the user.</summary>
    public MotException(string message) : base(message) { }

    /// <summary>An error with a message for the user and its cause.</summary>
    public MotException(string message, Exception innerException) : base(message, innerException) { }
}
