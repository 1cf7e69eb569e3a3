using System.CommandLine;
using MixtureOfTransformers.Generation;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>How tokens are drawn, from the command line.</summary>
internal sealed class SamplingArguments
{
    private readonly Option<double> _temperature = new("--temperature") { Description = "Below 1 is safer, above 1 more varied, 0 always takes the likeliest", DefaultValueFactory = _ => 0.7 };
    private readonly Option<int> _topK = new("--top-k") { Description = "Draw from the k likeliest tokens only; 0 for all" };
    private readonly Option<double> _topP = new("--top-p") { Description = "Draw from the likeliest tokens that make up this probability", DefaultValueFactory = _ => 0.95 };
    private readonly Option<bool> _greedy = new("--greedy") { Description = "Always take the likeliest token: temperature 0" };
    private readonly Option<double> _guidance = new("--guidance") { Description = "Classifier-free guidance of images; 1 is off, higher follows the prompt more closely", DefaultValueFactory = _ => 2 };
    private readonly Option<long> _seed = new("--seed") { Description = "The same seed gives the same output" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_temperature, _topK, _topP, _greedy, _guidance, _seed])
            command.Options.Add(option);
    }

    public SamplingOptions Read(ParseResult parsed)
    {
        var rule = parsed.GetValue(_greedy) ? SamplingRule.Greedy
            : new SamplingRule { Temperature = parsed.GetValue(_temperature), TopK = parsed.GetValue(_topK), TopP = parsed.GetValue(_topP) };
        return new SamplingOptions { Text = rule, Image = rule, ImageGuidance = parsed.GetValue(_guidance), Seed = parsed.GetValue(_seed) }.Validate();
    }
}
