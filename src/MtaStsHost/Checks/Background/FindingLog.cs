using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Runtime;

namespace MtaStsHost.Checks.Background;

/// <summary>Logs findings when they appear and when they are resolved, and nothing in between. If many domains fail together, the first
/// lines of a minute say what is wrong, and one more line says how many others there are.</summary>
internal sealed partial class FindingLog(TimeProvider time, ILogger<FindingLog> log)
{
    public const int LinesAMinute = 20;

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private long _minute = time.GetTimestamp();
    private int _lines;
    private int _moreNew;
    private int _moreGone;

    /// <summary>When <see cref="Flush"/> has something to log; <c>null</c>: nothing is left.</summary>
    public TimeSpan? FlushAfter => _moreNew + _moreGone == 0 ? null : s_minute - time.GetElapsedTime(_minute) is var left
        && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <param name="before"><c>null</c>: the domain had not been checked.</param>
    public void Report(DomainName domain, DomainFindings? before, DomainFindings after)
    {
        Flush();
        // One line per code, even if several hosts have the same fault. A warning that has become an error is news.
        var known = ByCode(before);
        var now = ByCode(after);
        foreach (var (code, finding) in now)
        {
            if (known.TryGetValue(code, out var earlier) && earlier.Severity >= finding.Severity) continue;
            if (++_lines > LinesAMinute) _moreNew++;
            else Found(domain.Value, finding);
        }

        foreach (var (code, finding) in known.Where(known => !now.ContainsKey(known.Key)))
        {
            if (++_lines > LinesAMinute) _moreGone++;
            else Gone(domain.Value, code, after.WasChecked(finding) ? "resolved" : "no longer checked");
        }
    }

    /// <summary>Logs how many findings of the last minute had no line of their own, once it is over.</summary>
    public void Flush()
    {
        if (time.GetElapsedTime(_minute) < s_minute) return;
        if (_moreNew > 0) MoreFound(_moreNew);
        if (_moreGone > 0) MoreGone(_moreGone);
        (_minute, _lines, _moreNew, _moreGone) = (time.GetTimestamp(), 0, 0, 0);
    }

    private void Found(string domain, Finding finding)
    {
        var message = LogLines.Fit(finding.Message, domain.Length + finding.Code.Length + ": : ".Length);
        if (finding.Severity == FindingSeverity.Error) ErrorFound(domain, finding.Code, message);
        else WarningFound(domain, finding.Code, message);
    }

    private static Dictionary<string, Finding> ByCode(DomainFindings? findings) =>
        findings?.Findings.DistinctBy(finding => finding.Code).ToDictionary(finding => finding.Code) ?? [];

    [LoggerMessage(1700, LogLevel.Warning, "{Domain}: {Code}: {Message}")]
    private partial void WarningFound(string domain, string code, string message);

    [LoggerMessage(1707, LogLevel.Error, "{Domain}: {Code}: {Message}")]
    private partial void ErrorFound(string domain, string code, string message);

    [LoggerMessage(1701, LogLevel.Information, "{Domain}: {Code} is {State}")]
    private partial void Gone(string domain, string code, string state);

    [LoggerMessage(1702, LogLevel.Warning, "More findings are new: {Count}; /health lists them all")]
    private partial void MoreFound(int count);

    [LoggerMessage(1703, LogLevel.Information, "More findings are resolved or no longer checked: {Count}")]
    private partial void MoreGone(int count);
}
