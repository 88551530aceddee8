namespace MtaStsHost.Cli;

/// <summary>Says on standard error what is waited for, once it takes longer than a second.</summary>
internal static class Progress
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    public static async Task<T> OfAsync<T>(string what, Task<T> work)
    {
        if (await Task.WhenAny(work, Task.Delay(s_patience, TimeProvider.System)) != work) await Console.Error.WriteLineAsync($"{Printable.Text(what)} …");
        return await work;
    }

    /// <summary>The same for work that is more than one task; until the result is disposed of.</summary>
    public static IDisposable After(string what) =>
        TimeProvider.System.CreateTimer(_ => Console.Error.WriteLine($"{Printable.Text(what)} …"), null, s_patience, Timeout.InfiniteTimeSpan);
}
