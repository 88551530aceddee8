using System.CommandLine;
using System.Text;
using MtaStsHost.Cli;
using MtaStsHost.Runtime;

namespace MtaStsHost.Tests.Cli;

/// <summary>The man page, in the macros of man(7), from the verbs and options.</summary>
internal static class ManPage
{
    public static string Of(RootCommand root)
    {
        var page = new StringBuilder();
        Line($".\\\" Written by eng/write-reference from the verbs and options.");
        Line($".TH MTASTSHOST 1 \"\" \"MtaStsHost {ServiceVersion.Text}\" \"MtaStsHost\"");
        Line(".SH NAME");
        Line("MtaStsHost \\- hosts MTA\\-STS policies (RFC 8461)");
        Line(".SH SYNOPSIS");
        Line(".B MtaStsHost");
        Line("[\\fIVERB\\fR] [\\fIOPTIONS\\fR] [\\fB\\-\\-\\fIKey\\fB:\\fISub\\fB=\\fIvalue\\fR]");
        Line(".SH DESCRIPTION");
        Line(Escape(root.Description!));
        Line(".SH OPTIONS");
        foreach (var option in root.Options) Write(option);
        Line(".TP");
        Line("\\fB\\-\\-\\fIKey\\fB:\\fISub\\fB=\\fIvalue\\fR");
        Line("Set any setting of appsettings.json. Takes precedence over files and environment variables (Key__Sub=value).");
        Line(".SH VERBS");
        foreach (var verb in All(root)) Write(verb);
        Line(".SH EXIT STATUS");
        foreach (var (code, meaning) in ExitCode.Meanings)
        {
            Line(".TP");
            Line($".B {code}");
            Line(Escape(meaning));
        }

        Line(".SH FILES");
        Line(".TP");
        Line(".I /etc/mtastshost/appsettings.json");
        Line("The configuration, if \\-\\-config is not given, the environment variable MTASTSHOST_CONFIG is not set, and there is no");
        Line("appsettings.json next to the program or in the working directory.");
        return page.ToString();

        void Line(string text) => page.Append(text).Append('\n');

        void Write(Symbol symbol)
        {
            switch (symbol)
            {
                case Verb verb:
                    Line($".SS \"{Escape(CommandLine.NameOf(verb))}{Escape(CommandLineTests.Operands(verb))}\"");
                    Line(Escape(verb.Description!));
                    foreach (var argument in verb.Arguments) Write(argument);
                    foreach (var option in verb.Options) Write(option);
                    Line(".PP");
                    Line(".nf");
                    foreach (var example in verb.Examples) Line(Escape(example));
                    Line(".fi");
                    break;
                case Option option:
                    Line(".TP");
                    Line(string.Join(", ", option.Aliases.Prepend(option.Name)
                        .Where(name => name.StartsWith('-')).OrderBy(name => name.Length).Select(name => $"\\fB{Escape(name)}\\fR"))
                        + (option.ValueType != typeof(bool) && option.HelpName is { } value ? $" \\fI{Escape(value)}\\fR" : ""));
                    Line(Escape(option.Description!));
                    break;
                default:
                    Line(".TP");
                    Line($".I {Escape(symbol.Name)}");
                    Line(Escape(symbol.Description!));
                    break;
            }
        }
    }

    private static IEnumerable<Command> All(Command parent) => parent.Subcommands.SelectMany(verb => (Command[])[verb, .. All(verb)]);

    /// <summary>Neither a macro nor an escape, and hyphens that can be copied.</summary>
    private static string Escape(string text) =>
        (text.StartsWith('.') || text.StartsWith('\'') ? "\\&" : "") + text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal).Replace("\"", "\\(dq", StringComparison.Ordinal)
            .Replace("…", "...", StringComparison.Ordinal);
}
