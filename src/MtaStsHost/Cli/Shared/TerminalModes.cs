namespace MtaStsHost.Cli;

/// <summary>
/// Leaves the terminal's modes alone. Before the first byte that goes to the console, the runtime switches a terminal's keypad to
/// application mode, even if the output goes elsewhere, and never back. It takes the codes from the description that TERM names.
/// </summary>
internal static class TerminalModes
{
    private const string Variable = "TERM";

    /// <summary>To be called before the first use of the console.</summary>
    public static void Keep()
    {
        var terminal = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        using var output = Console.OpenStandardOutput();
        output.Write([]);
        // For the library that draws tables.
        Environment.SetEnvironmentVariable(Variable, terminal);
    }
}
