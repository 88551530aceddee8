using Microsoft.AspNetCore.Connections;

namespace MtaStsHost.Listeners;

/// <summary>
/// Reserves some open files for the management listener, the log and the configuration: with none left, health checks fail, and a
/// supervisor would stop a service that is merely busy with unknown clients.
/// </summary>
internal sealed class ConnectionLimit(int maxConnections)
{
    private int _open;
    private long _refused;

    /// <summary>Public connections that were closed at once, since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Four fifths of the files that this process may open.</summary>
    public static ConnectionLimit OfProcess() => new((int)Math.Min(MaxOpenFiles() * 4 / 5, int.MaxValue));

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) > maxConnections)
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
    private static long MaxOpenFiles()
    {
        const string Name = "Max open files";
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits)) return int.MaxValue;
        var line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is not null && long.TryParse(line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], out var soft)
            ? soft : int.MaxValue;
    }
}
