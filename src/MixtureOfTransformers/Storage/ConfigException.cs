namespace MixtureOfTransformers.Storage;

/// <summary>A configuration or recipe that cannot be used.</summary>
public sealed class ConfigException : MotException
{
    /// <summary>An error with a message for the user.</summary>
    public ConfigException(string message) : base(message) { }

    /// <summary>An error with a message for the user and its cause.</summary>
    public ConfigException(string message, Exception innerException) : base(message, innerException) { }
}
