using System.Runtime.InteropServices;
using Spectre.Console;

namespace MtaStsHost.Cli;

/// <summary>
/// Shows on standard error what a verb is waiting for, once the work takes over a second: on a terminal as a status that disappears when
/// the work is done, otherwise as a line whenever there is news.
/// </summary>
internal static class Waiting
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_news = TimeSpan.FromSeconds(5);

    public static Task<T> ForAsync<T>(string what, Task<T> work) => ForAsync(() => what, work);

    /// <param name="what">Called again and again while the work goes on.</param>
    public static async Task<T> ForAsync<T>(Func<string> what, Task<T> work)
    {
        if (await IsOverAsync(work, s_patience)) return await work;
        if (Console.IsErrorRedirected) return await InLinesAsync(what, work);
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

    private static async Task<T> InLinesAsync<T>(Func<string> what, Task<T> work)
    {
        var last = "";
        do
        {
            var text = Printable.Text(what());
            if (text != last) await Console.Error.WriteLineAsync(text);
            last = text;
        }
        while (!await IsOverAsync(work, s_news));
        return await work;
    }

    private static async Task<bool> IsOverAsync(Task work, TimeSpan within) =>
        await Task.WhenAny(work, Task.Delay(within, TimeProvider.System)) == work;
}
