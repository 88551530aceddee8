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

    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        var width = columns.Select((column, i) => all.Select(row => row[i].Length).Append(column.Length).Max() + 3).Sum() + 1;
        // A terminal that is too narrow would break names in the middle.
        if (Console.IsOutputRedirected || width > AnsiConsole.Profile.Width)
        {
            var text = new StringBuilder();
            text.AppendJoin('\t', columns).Append('\n');
            foreach (var row in all) text.AppendJoin('\t', row).Append('\n');
            Console.Out.Write(text);
            return;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { NoWrap = true });
        foreach (var row in all) table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Write(table);
    }

    public static void Json<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, JsonType<T>()));

    public static JsonTypeInfo<T> JsonType<T>() => (JsonTypeInfo<T>)s_json.GetTypeInfo(typeof(T));

    public static void Error(string subject, string what, string remedy) => Write("error", subject, what, remedy);

    public static void Warning(string subject, string what, string remedy) => Write("warning", subject, what, remedy);

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
