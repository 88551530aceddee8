using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;

namespace MtaStsHost.Storage;

/// <summary>Rows that can't be read or written although the store works: one of them must not stop the others, nor go unnoticed.</summary>
internal sealed partial class DamagedRows(ILogger<DamagedRows>? log = null)
{
    /// <summary>A damaged disk must not fill the log as well.</summary>
    private const int MostLogged = 20;

    private readonly ILogger _log = log ?? NullLogger<DamagedRows>.Instance;
    private readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    public int Count => _reasons.Count;

    /// <summary>What is damaged, in one line; <c>null</c>: nothing, as far as it was tried.</summary>
    public string? Error
    {
        get
        {
            var all = _reasons.ToArray();
            return all.Length == 0 ? null : all.Length == 1 ? Text(all[0]) : $"{all.Length} rows of the store are damaged; one is "
                + Text(all[0]);
        }
    }

    /// <param name="row">Such as <c>the certificate of mta-sts.example.com</c>.</param>
    /// <param name="reason">One line.</param>
    public void Note(string row, string reason)
    {
        if (!_reasons.TryAdd(row, reason)) return;
        var count = _reasons.Count;
        if (count <= MostLogged) Damaged(row, reason);
        else if (count == MostLogged + 1) MoreDamaged();
    }

    /// <summary>It was read or written.</summary>
    public void Clear(string row)
    {
        if (!_reasons.IsEmpty && _reasons.TryRemove(row, out _)) Repaired(row);
    }

    /// <summary>Another store has taken the place of the damaged one.</summary>
    public void Clear() => _reasons.Clear();

    private static string Text(KeyValuePair<string, string> damage) => $"{damage.Key}: {damage.Value}";

    [LoggerMessage(1460, LogLevel.Error, "Damaged in the store: {Row}: {Reason}")]
    private partial void Damaged(string row, string reason);

    [LoggerMessage(1461, LogLevel.Error, "More rows of the store are damaged; /health counts them")]
    private partial void MoreDamaged();

    [LoggerMessage(1462, LogLevel.Information, "No longer damaged in the store: {Row}")]
    private partial void Repaired(string row);
}
