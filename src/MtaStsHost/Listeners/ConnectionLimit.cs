using Microsoft.AspNetCore.Connections;

namespace MtaStsHost.Listeners;

/// <summary>
/// Reserves some open files for the management listener, the log and the configuration: with none left, health checks fail, and a
/// supervisor would stop a service that is merely busy with unknown clients.
/// </summary>
internal sealed class ConnectionLimit(int maxConnections)
{
    /// <summary>With fewer there is no start: Kestrel accepts in a busy loop while no file can be opened.</summary>
    public const int FewestFiles = 128;

    /// <summary>Program, log, listeners, watched folders, the store's connections, and DNS, SMTP and HTTPS for checks and orders.</summary>
    private const int OwnFiles = 100;

    private int _open;
    private long _refused;

    /// <summary>Public connections that were closed at once, since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>As many as are accepted at a time.</summary>
    public int Connections { get; } = maxConnections;

    /// <summary>How many files this process may open. .NET has raised it as far as it may.</summary>
    public static long OpenFiles { get; } = ReadOpenFiles();

    public static ConnectionLimit OfProcess() => Of(OpenFiles);

    /// <summary>A fifth of the files is reserved, but no fewer than the service needs for itself.</summary>
    internal static ConnectionLimit Of(long openFiles) =>
        new((int)Math.Clamp(openFiles - Math.Max(openFiles / 5, OwnFiles), 1, int.MaxValue));

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) > Connections)
            {
                Interlocked.Increment(ref _refused);
                connection.Abort();
                return;
            }

            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };

    /// <summary>From <c>/proc/self/limits</c>; where that is missing, no limit.</summary>
    private static long ReadOpenFiles()
    {
        const string Name = "Max open files";
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits)) return int.MaxValue;
        var line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is not null && long.TryParse(line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out var soft)
            ? soft : int.MaxValue;
    }
}
