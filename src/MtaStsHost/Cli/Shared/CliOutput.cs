using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;
using MtaStsHost.Configuration;
using MtaStsHost.Management.Health;
using Spectre.Console;

namespace MtaStsHost.Cli.Shared;

using Text = Spectre.Console.Text;

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

    /// <param name="types">The source-generated metadata of <typeparamref name="T"/>.</param>
    public static void Json<T>(T value, IJsonTypeInfoResolver types) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(value, JsonType<T>(types)));

    public static JsonTypeInfo<T> JsonType<T>(IJsonTypeInfoResolver types) =>
        (JsonTypeInfo<T>)new JsonSerializerOptions(s_json) { TypeInfoResolver = types }.GetTypeInfo(typeof(T));

    public static void Error(string subject, string what, string remedy) =>
        Console.Error.WriteLine($"error: {Printable.Text(subject, 400)}: {Printable.Text(what, 600)}; {Printable.Text(remedy, 300)}");

    public static void Warning(string subject, string what, string remedy) =>
        Console.Error.WriteLine($"warning: {Printable.Text(subject, 400)}: {Printable.Text(what, 600)}; {Printable.Text(remedy, 300)}");

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
