using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MtaStsHost.Text;
using Spectre.Console;

namespace MtaStsHost.Cli;

using Text = Spectre.Console.Text;

/// <summary>Prints results: a table on a terminal, lines with tabs in a pipe, JSON where asked for.</summary>
internal static class CliOutput
{
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

        // Spectre.Console sees to NO_COLOR and to what the terminal can do.
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns) table.AddColumn(
            new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { NoWrap = true });
        foreach (var row in all) table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Write(table);
    }

    public static void Json<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(value, type));

    public static void Error(string where, string what, string remedy) =>
        Console.Error.WriteLine($"error: {Printable.Text(where, 400)}: {Printable.Text(what, 600)}; {Printable.Text(remedy, 300)}");
}
