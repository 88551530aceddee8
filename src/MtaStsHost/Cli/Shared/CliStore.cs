using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli;

/// <summary>Opens the configured store for verbs that need it.</summary>
internal static class CliStore
{
    /// <returns>The exit code of <paramref name="work"/>, or 1 with one line if there is no store or it can't be read.</returns>
    public static async Task<int> UseAsync(StorageSettings storage, Func<SqlStore, Task<int>> work)
    {
        if (!storage.Exists)
        {
            var (what, remedy) = storage.WhyNotThere;
            CliOutput.Error("Storage:ConnectionString", what, remedy);
            return ExitCode.Failed;
        }

        try
        {
            await using var store = storage.Open(TimeProvider.System);
            return await work(store);
        }
        catch (StoreException e)
        {
            CliOutput.Error("Storage", e.What, e.Remedy);
            return ExitCode.Failed;
        }
    }
}
