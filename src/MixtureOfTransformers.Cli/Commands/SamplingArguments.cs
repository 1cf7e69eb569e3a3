using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>How tokens are drawn, from the command line.</summary>
internal sealed class SamplingArguments
{
    private readonly Option<double> _temperature = new("--temperature") { Description = "Below 1 is safer, above 1 more varied, 0 always takes the likeliest", DefaultValueFactory = _ => 0.7 };
    private readonly Option<int> _topK = new("--top-k") { Description = "Draw from the k likeliest tokens only; 0 for all" };
    private readonly Option<double> _topP = new("--top-p") { Description = "Draw from the likeliest tokens that make up this probability", DefaultValueFactory = _ => 0.95 };
    private readonly Option<bool> _greedy = new("--greedy") { Description = "Always take the likeliest token: temperature 0" };
    private readonly Option<double> _guidance = new("--guidance") { Description = "Classifier-free guidance of images; 1 is off, higher follows the prompt more closely", DefaultValueFactory = _ => 2 };
    private readonly Option<string?> _size = new("--size") { Description = "Size of what is drawn, in pixels, where the model has learned several; default: the first of its recipe", HelpName = "WxH" };
    private readonly Option<int> _steps = new("--steps") { Description = "Denoising steps of a diffused image", DefaultValueFactory = _ => new DenoisingOptions().Steps };
    private readonly Option<DenoisingMethod?> _method = new("--method") { Description = "How a diffused image is denoised; default: ddpm, or euler for flow", HelpName = "ddpm|ddim|euler|heun" };
    private readonly Option<double?> _renormalize = new("--renormalize") { Description = "Scale what guidance predicts of a diffused image back to its length without, by no less than this (0 to 1); default: not at all" };
    private readonly Option<long> _seed = new("--seed") { Description = "The same seed gives the same output" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_temperature, _topK, _topP, _greedy, _guidance, _size, _steps, _method, _renormalize, _seed])
            command.Options.Add(option);
    }

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="UsageException">A value is out of its limits; the message names the option.</exception>
    public SamplingOptions Read(ParseResult parsed)
    {
        var (temperature, topK, topP, guidance) = (parsed.GetValue(_temperature), parsed.GetValue(_topK), parsed.GetValue(_topP), parsed.GetValue(_guidance));
        Require(double.IsFinite(temperature) && temperature >= 0, $"--temperature {temperature} must be 0, which always takes the likeliest, or positive");
        Require(topK >= 0, $"--top-k {topK} must be positive, or 0 for all");
        Require(topP is > 0 and <= 1, $"--top-p {topP} must be above 0 and at most 1, where 1 is all");
        Require(double.IsFinite(guidance) && guidance >= 0, $"--guidance {guidance} must be 0 or more; 1 is off, 2 to 5 are usual");
        var denoising = new DenoisingOptions { Steps = parsed.GetValue(_steps), Method = parsed.GetValue(_method), Renormalization = parsed.GetValue(_renormalize) };
        Require(denoising.Steps > 0, $"--steps {denoising.Steps} must be 1 or more");
        Require(denoising.Renormalization is null or (>= 0 and <= 1), $"--renormalize {denoising.Renormalization} must be from 0 to 1");
        var rule = parsed.GetValue(_greedy) ? SamplingRule.Greedy : new SamplingRule { Temperature = temperature, TopK = topK, TopP = topP };
        return new SamplingOptions { Text = rule, Image = rule, Speech = rule, ImageGuidance = guidance, Denoising = denoising, Seed = parsed.GetValue(_seed) }.Validate();
    }

    /// <summary>The size of drawings; null where none is asked for.</summary>
    /// <exception cref="UsageException">It is no size.</exception>
    public PixelSize? Size(ParseResult parsed)
    {
        try
        {
            return parsed.GetValue(_size) is { } text ? PixelSize.Parse(text) : null;
        }
        catch (ConfigException error)
        {
            throw new UsageException($"--size: {error.Message}");
        }
    }

    private static void Require(bool condition, FormattableString problem)
    {
        if (!condition)
            throw new UsageException(problem.ToString(CultureInfo.InvariantCulture));
    }
}
