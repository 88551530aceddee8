using System.Runtime.InteropServices;
using MtaStsHost.Text;
using Spectre.Console;

namespace MtaStsHost.Cli.Shared;

/// <summary>Shows on standard error what a verb is waiting for, if that is a terminal and the work takes over a second.</summary>
internal static class Waiting
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(200);

    public static Task<T> ForAsync<T>(string what, Task<T> work) => ForAsync(() => what, work);

    /// <param name="what">Called again and again while the work goes on.</param>
    public static async Task<T> ForAsync<T>(Func<string> what, Task<T> work)
    {
        if (Console.IsErrorRedirected || await IsOverAsync(work, s_patience)) return await work;
        // Where results go to the same screen, the console that prints them keeps the status below them.
        var console = Console.IsOutputRedirected
            ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }) : AnsiConsole.Console;
        // The status hides the cursor. A signal ends the process without the library's own clean-up.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => console.Cursor.Show());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => console.Cursor.Show());
        await console.Status().StartAsync(Text(), async status =>
        {
            while (!await IsOverAsync(work, s_refresh)) status.Status = Text();
        });
        return await work;

        string Text() => Markup.Escape(Printable.Text(what()));
    }

    private static async Task<bool> IsOverAsync(Task work, TimeSpan within) =>
        await Task.WhenAny(work, Task.Delay(within, TimeProvider.System)) == work;
}
