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
}
