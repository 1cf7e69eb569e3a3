using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Cli;

/// <summary><c>mot --version</c>: the product and what it stands on. Loads no native library.</summary>
internal sealed class VersionText : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var native = NativeInfo.ReadVersions();
        var product = typeof(VersionText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var output = parseResult.InvocationConfiguration.Output;
        var (version, commit) = product.Split('+', 2) is [var number, { Length: >= 9 } hash] ? (number, $" ({hash[..9]})") : (product, "");
        output.WriteLine($"mot {version}{commit}");
        output.WriteLine($"TorchSharp {native.TorchSharpVersion}");
        output.WriteLine($"libtorch {native.LibtorchVersion}");
        output.WriteLine(RuntimeInformation.FrameworkDescription);
        return ExitCode.Success;
    }
}
