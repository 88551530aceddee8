using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MtaStsHost.Testing;

/// <summary>What a terminal shows after a program's output: cursor movements and erasures are applied, colours left out.</summary>
public static partial class TerminalScreen
{
    public static string Show(string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var lines = new List<StringBuilder> { new() };
        var (row, column) = (0, 0);
        foreach (Match match in Part().Matches(output))
        {
            var count = int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var number) ? number : 1;
            if (match.Value == "\r") column = 0;
            else if (match.Value == "\n") row++;
            else if (match.Value.EndsWith('A') && match.Length > 1) row = Math.Max(0, row - count);
            else if (match.Value.EndsWith('K') && match.Length > 1) Erase(lines[row], match.Groups[1].Value, column);
            else if (match.Value[0] != '\u001b') Write(match.Value[0]);
            if (row == lines.Count) lines.Add(new());
        }

        return string.Join('\n', lines.Select(line => line.ToString().TrimEnd()));

        void Write(char letter)
        {
            var line = lines[row];
            if (line.Length < column) line.Append(' ', column - line.Length);
            if (line.Length == column) line.Append(letter);
            else line[column] = letter;
            column++;
        }
    }

    private static void Erase(StringBuilder line, string mode, int column)
    {
        if (mode == "2") line.Clear();
        else if (line.Length > column) line.Length = column;
    }

    [GeneratedRegex(@"\u001b\[\??([0-9]*)[0-9;]*[a-zA-Z]|\u001b[=>]|(?s:.)")]
    private static partial Regex Part();
}
