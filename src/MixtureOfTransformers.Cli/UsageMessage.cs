using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace MixtureOfTransformers.Cli;

/// <summary>Puts what is wrong with a command line into one sentence with a remedy.</summary>
internal static partial class UsageMessage
{
    /// <summary>The message; null when the command line is right.</summary>
    public static string? For(ParseResult parsed)
    {
        var problem = UnknownOption(parsed) ?? Unmatched(parsed) ?? (parsed.Errors.Count > 0 ? Describe(parsed.Errors[0]) : null);
        return problem is null ? null : $"{problem}{(problem.EndsWith('?') ? " Run" : "; run")} '{PathOf(parsed.CommandResult)} --help' for usage";
    }

    /// <summary>A misspelt option that the parser took for the value of an argument.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var taken = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(LooksLikeOption).ToHashSet();
        var written = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Where(token => token.Type == TokenType.Argument).Select(token => token.Value);
        return written.FirstOrDefault(taken.Contains) is { } value ? Unknown(parsed, value) : null;
    }

    private static string? Unmatched(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var first, ..] && parsed.CommandResult.Command.TreatUnmatchedTokensAsErrors ? Unknown(parsed, first) : null;

    private static string Unknown(ParseResult parsed, string value)
    {
        var command = parsed.CommandResult.Command;
        var (kind, known) = LooksLikeOption(value) ? ("option", OptionsOf(parsed.CommandResult)) : ("command", command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name));
        var candidates = known.ToList();
        if (kind == "command" && candidates.Count == 0)
            return $"'{value}' is one argument too many for '{PathOf(parsed.CommandResult)}'";
        return $"'{value}' is not {(kind == "option" ? "an option" : "a command")} of '{PathOf(parsed.CommandResult)}'{DidYouMean(value, candidates)}";
    }

    private static string DidYouMean(string value, IEnumerable<string> candidates) => Spelling.Nearest(value, candidates) is { } guess ? $"; did you mean '{guess}'?" : "";

    private static string Describe(ParseError error)
    {
        if (error.SymbolResult is CommandResult { Command.Subcommands.Count: > 0 } group && group.Command.Arguments.Count == 0)
            return $"'{PathOf(group)}' needs one of its commands: {string.Join(", ", group.Command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name))}";
        var option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        if (option is { Tokens: [var token] } && Kind(option.Option.ValueType) is { } kind && error.Message.StartsWith("Cannot parse", StringComparison.Ordinal))
            return $"'{token.Value}' given to {option.Option.Name} is not {kind}";
        if (error.SymbolResult is ArgumentResult { Tokens.Count: 0 } missing && missing.Parent is CommandResult command)
            return $"'{PathOf(command)}' needs <{missing.Argument.HelpName ?? missing.Argument.Name}>";
        if (ChoicePattern().Match(error.Message) is { Success: true } choice)
        {
            var allowed = choice.Groups[2].Value.Split('\'', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return $"'{choice.Groups[1].Value}' is not one of {string.Join(", ", allowed)}{DidYouMean(choice.Groups[1].Value, allowed)}";
        }
        return error.Message.TrimEnd('.').ReplaceLineEndings(" ");
    }

    private static string? Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(int) || t == typeof(long) => "a whole number",
        var t when t == typeof(float) || t == typeof(double) => "a number",
        var t when t == typeof(bool) => "true or false",
        { IsEnum: true } t => $"one of {string.Join(", ", Enum.GetNames(t).Select(n => n.ToLowerInvariant()))}",
        _ => null,
    };

    private static IEnumerable<string> OptionsOf(CommandResult result)
    {
        for (SymbolResult? at = result; at is not null; at = at.Parent)
            foreach (var option in ((CommandResult)at).Command.Options.Where(o => !o.Hidden && (at == result || o.Recursive)))
                yield return option.Name;
    }

    private static bool LooksLikeOption(string value) => value.Length > 1 && value[0] == '-' && (value[1] == '-' || char.IsAsciiLetter(value[1]));

    [GeneratedRegex(@"^Argument '(.*)' not recognized\. Must be one of:(.*)$", RegexOptions.Singleline)]
    private static partial Regex ChoicePattern();

    private static string PathOf(CommandResult result) => result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : CliApplication.Name;
}
