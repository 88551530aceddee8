using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;
using MtaStsHost.Cli.Certificates;
using MtaStsHost.Configuration;
using MtaStsHost.Management.Health;
using Spectre.Console;

namespace MtaStsHost.Cli;

using Text = Spectre.Console.Text;

/// <summary>What the verbs print with <c>--json</c>.</summary>
[JsonSerializable(typeof(CertificateResult))]
[JsonSerializable(typeof(CertificatesResult))]
[JsonSerializable(typeof(CheckResult))]
[JsonSerializable(typeof(ConfigResult))]
[JsonSerializable(typeof(HealthCheckResult))]
[JsonSerializable(typeof(HistoryResult))]
[JsonSerializable(typeof(RecordsResult))]
[JsonSerializable(typeof(ValidateResult))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>Prints results (a table on a terminal, tab-separated lines in a pipe, or JSON), and errors to standard error.</summary>
internal static class CliOutput
{
    private const int MaxProblems = 10_000;

    /// <summary>Quotes and ampersands stay as they are: this JSON goes to terminals and files, never into HTML.</summary>
    private static readonly JsonSerializerOptions s_json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters = { new UtcSecondsConverter() },
        TypeInfoResolver = CliJson.Default,
    };

    /// <summary>Of headings. Without colour there are no other styles either: NO_COLOR asks for plain text.</summary>
    public static Style Bold { get; } = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
        ? Style.Plain : new Style(decoration: Decoration.Bold);

    /// <param name="narrow">The same with several lines in a cell, for terminals on which the wide table doesn't fit.</param>
    public static void Table(Rows wide, Rows? narrow = null)
    {
        var fits = Console.IsOutputRedirected ? null
            : wide.Width <= AnsiConsole.Profile.Width ? wide
            // A terminal that is too narrow would break names in the middle.
            : narrow?.Width <= AnsiConsole.Profile.Width ? narrow : null;
        if (fits is null)
        {
            var text = new StringBuilder();
            text.AppendJoin('\t', wide.Columns).Append('\n');
            foreach (var row in wide.All) text.AppendJoin('\t', row).Append('\n');
            Console.Out.Write(text);
            return;
        }

        var table = new Table { Border = TableBorder.Rounded, ShowRowSeparators = fits == narrow };
        foreach (var column in fits.Columns) table.AddColumn(new TableColumn(new Text(column, Bold)) { NoWrap = true });
        foreach (var row in fits.All) table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Write(table);
    }

    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows) => Table(new Rows(columns, [.. rows]));

    /// <summary>What a table shows.</summary>
    internal sealed record Rows(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> All)
    {
        /// <summary>With its borders, in characters.</summary>
        public int Width => Columns.Select((column, i) =>
            All.Select(row => row[i]).Append(column).SelectMany(cell => cell.Split('\n')).Max(line => line.Length) + 3).Sum() + 1;
    }

    public static void Json<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, JsonType<T>()));

    public static JsonTypeInfo<T> JsonType<T>() => (JsonTypeInfo<T>)s_json.GetTypeInfo(typeof(T));

    public static void Error(string subject, string what, string remedy) => Write("error", subject, what, remedy);

    public static void Warning(string subject, string what, string remedy) => Write("warning", subject, what, remedy);

    /// <summary>Not a fault, and not a part of the result either.</summary>
    public static void Note(string text) => Console.Error.WriteLine($"note: {Printable.Text(text, 600)}");

    private static void Write(string kind, string subject, string what, string remedy) =>
        Console.Error.WriteLine($"{kind}: {Printable.Text(subject, 400)}: {Printable.Text(what, 600)}; {Printable.Text(remedy, 300)}");

    /// <summary>Errors come last, next to the prompt.</summary>
    public static void Problems(ProblemList problems)
    {
        Problems(problems.Warnings, "warnings");
        Problems(problems.Errors, "errors");
    }

    private static void Problems(IReadOnlyList<ConfigurationProblem> problems, string kind)
    {
        var text = new StringBuilder();
        foreach (var problem in problems.Take(MaxProblems)) text.Append(problem).Append('\n');
        if (problems.Count > MaxProblems) text.Append($"… and {problems.Count - MaxProblems} more {kind}\n");
        Console.Error.Write(text);
    }
}
