using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.RegularExpressions;
using MtaStsHost.Cli;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Cli;

/// <summary>The verbs and options, their help and docs/reference/cli.md.</summary>
public sealed partial class CommandLineTests
{
    private static readonly RootCommand s_root = CommandLine.CreateRoot(new CliContext([], null));

    private static readonly string s_page = File.ReadAllText(Path.Combine(HostBinary.Repository, "docs", "reference", "cli.md"));

    public static TheoryData<string> Verbs => [.. All(s_root).Select(CommandLine.NameOf)];

    [Theory]
    [InlineData("")]
    [MemberData(nameof(Verbs))]
    public void Help_EachVerb_FitsEightyColumnsAndHasExamples(string verb)
    {
        var lines = Print($"{verb} --help").Split('\n');

        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.StartsWith($"  MtaStsHost {verb}".TrimEnd(), lines[Array.IndexOf(lines, "Examples:") + 1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("  -c, --config <PATH>", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Examples_EachVerb_AreCorrectUsage(string verb)
    {
        foreach (var example in Assert.IsType<Verb>(Find(verb)).Examples)
        {
            var parsed = s_root.Parse(example.Split(' ')[1..].Where(word => !Setting().IsMatch(word)).ToArray());
            Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join(' ', parsed.Errors.Select(error => error.Message))}");
            Assert.StartsWith(verb, CommandLine.NameOf(parsed.CommandResult.Command), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Version_EachVerb_NeedsNoArguments(string verb) => Assert.Matches(@"^\d+\.\d+\.\d+\n", Print($"{verb} --version"));

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Page_EachVerb_HasItsSection(string verb) => Assert.Contains(Section(Find(verb)), s_page, StringComparison.Ordinal);

    [Fact]
    public void Page_OptionsOfAllVerbs_AreListed() =>
        Assert.Contains(Table("option", s_root.Options.Select(Row)), s_page, StringComparison.Ordinal);

    [Fact]
    public void Page_Headings_AreTheVerbs() =>
        Assert.Equal(All(s_root).Select(CommandLine.NameOf), Heading().Matches(s_page).Select(match => match.Groups[1].Value));

    private static IEnumerable<Command> All(Command parent) => parent.Subcommands.SelectMany(verb => (Command[])[verb, .. All(verb)]);

    private static Command Find(string verb) => All(s_root).Single(command => CommandLine.NameOf(command) == verb);

    private static string Print(string words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, s_root.Parse(words).Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }));
        return output.ToString();
    }

    /// <summary>What the page has about a verb; more text may follow.</summary>
    private static string Section(Command verb) => string.Join('\n',
        $"## `{CommandLine.NameOf(verb)}`\n\n{verb.Description}\n\n`MtaStsHost {CommandLine.NameOf(verb)}{Operands(verb)}`\n",
        Table("argument", verb.Arguments.Select(argument => $"| `{argument.Name}` | {argument.Description} |"))
            + Table("option", verb.Options.Select(Row))
            + $"```text\n{string.Join('\n', ((Verb)verb).Examples)}\n```\n");

    internal static string Operands(Command verb) => verb is { Subcommands.Count: > 0, Arguments.Count: 0 } ? " VERB"
        : string.Concat(verb.Arguments.Select(argument =>
        (argument.Arity.MinimumNumberOfValues, argument.Arity.MaximumNumberOfValues) switch
        {
            (0, 1) => $" [{argument.Name}]",
            (0, _) => $" [{argument.Name}…]",
            (_, 1) => $" {argument.Name}",
            _ => $" {argument.Name}…",
        })) + (verb.Options.Count > 0 ? " [OPTIONS]" : "");

    private static string Table(string what, IEnumerable<string> rows) =>
        rows.ToList() is { Count: > 0 } all ? $"| {what} | meaning |\n|---|---|\n{string.Join('\n', all)}\n\n" : "";

    private static string Row(Option option)
    {
        var value = option.ValueType == typeof(bool) || option.HelpName is null ? "" : " " + option.HelpName;
        var names = option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-')).OrderBy(name => name.Length)
            .Select(name => $"`{name}{value}`");
        var choices = option.ValueType == typeof(string) && value.Length == 0
            ? option.GetCompletions(CompletionContext.Empty).Select(item => $"`{item.Label}`").ToList() : [];
        return $"| {string.Join(", ", names)} | {option.Description}{(choices.Count > 0 ? $" One of {string.Join(", ", choices)}." : "")}"
            + (option.HasDefaultValue && option.GetDefaultValue() is string or int ? $" Default: `{option.GetDefaultValue()}`." : "")
            + (option.Required ? " Required." : "") + " |";
    }

    [GeneratedRegex("^## `(.*)`$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^--[^=]+:[^=]+=")]
    private static partial Regex Setting();
}
