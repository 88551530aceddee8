using MtaStsHost.Text;

namespace MtaStsHost.Checks;

/// <summary>In the order in which they matter to the operator.</summary>
internal enum FindingSeverity
{
    /// <summary>Worth knowing; nothing to do.</summary>
    Info,

    /// <summary>Could not be looked at from here.</summary>
    Unknown,

    /// <summary>Should be mended; senders get along.</summary>
    Warning,

    /// <summary>Mail or protection is lost, or will be.</summary>
    Error,
}

/// <summary>What is wrong with a domain, or worth knowing of it. Texts are safe to print: what comes from outside went through
/// <see cref="Printable"/>.</summary>
/// <param name="Code">Stable, <c>txt-id-stale</c>.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Fix">What to do, with the exact record where there is one; <c>null</c>: nothing.</param>
/// <param name="Rfc">Where it is laid down, <c>RFC 8461 §3.1</c>.</param>
internal sealed record Finding(string Code, FindingSeverity Severity, string Message, string? Fix, string? Rfc)
{
    /// <summary>
    /// The names and addresses that could not be looked at, with blanks between: the same as long as they are, whatever words a server or a
    /// network finds for it this time. <c>null</c>: the message tells.
    /// </summary>
    public string? Unseen { get; init; }

    /// <summary>The code of a finding that is no more, as something else showed, though nobody could look; <c>null</c>: none.</summary>
    public string? Settles { get; init; }

    /// <summary>For <see cref="Unseen"/>.</summary>
    public static string Join(IEnumerable<object> unseen) => string.Join(' ', unseen.Distinct());
}
