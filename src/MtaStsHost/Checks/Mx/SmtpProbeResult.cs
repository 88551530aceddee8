namespace MtaStsHost.Checks.Mx;

/// <summary>How far one connection to an MX host came.</summary>
internal enum SmtpOutcome
{
    /// <summary>STARTTLS, TLS 1.2 or later, and a certificate that RFC 8461 §4.2 accepts.</summary>
    Good,

    /// <summary>No connection; <see cref="SmtpProbeResult.SocketError"/> says why.</summary>
    Unreachable,

    /// <summary>It was not connected to (<see cref="Network.ConnectableAddresses"/>).</summary>
    NotGlobal,

    /// <summary>A connection, and then no answer in time.</summary>
    Timeout,

    /// <summary>The connection ended before the server had said what it should.</summary>
    Closed,

    /// <summary>The greeting or the answer to EHLO is 4xx or 5xx. It may be about who asks.</summary>
    Refused,

    /// <summary>The answer is not SMTP, or does not end.</summary>
    Protocol,

    /// <summary>As good, but only for a small ClientHello: senders whose own is larger can't deliver.</summary>
    LargeHello,

    /// <summary>The answer to EHLO has no STARTTLS.</summary>
    NoStartTls,

    /// <summary>STARTTLS is offered, and refused when it is asked for.</summary>
    StartTlsRefused,

    /// <summary>Plain text where TLS has to begin (RFC 3207 §4.2, the mirror image of CVE-2011-0411).</summary>
    InjectedPlaintext,

    /// <summary>The handshake failed for another reason than the three that follow.</summary>
    TlsHandshake,

    /// <summary>Nothing but TLS 1.1 or older.</summary>
    TlsVersion,

    /// <summary>No chain to a trusted root.</summary>
    Untrusted,

    /// <summary>No DNS-ID that matches the MX host's name.</summary>
    WrongName,

    /// <summary>The certificate or one above it is out of date, or not valid yet.</summary>
    Expired,
}

/// <param name="Message">Goes after the host's name: <c>doesn't offer STARTTLS</c>. Safe to print.</param>
internal sealed record SmtpProbeResult(SmtpOutcome Outcome, string Message)
{
    /// <summary>Whether the server greeted with 220: then the port is not blocked between here and there.</summary>
    public bool Greeted { get; init; }

    /// <summary>For <see cref="SmtpOutcome.Unreachable"/>.</summary>
    public SocketError SocketError { get; init; }

    public DateTimeOffset? CertificateNotBefore { get; init; }

    public DateTimeOffset? CertificateNotAfter { get; init; }

    /// <summary>Whether a sender that honors a policy in mode <c>enforce</c> doesn't deliver here (RFC 8461 §4.2, §5).</summary>
    public bool IsRefusedByPolicy => Outcome >= SmtpOutcome.NoStartTls;
}

/// <summary>Ends a probe; never leaves <see cref="SmtpProbe"/>. An <see cref="IOException"/> passes SslStream as it is.</summary>
internal sealed class SmtpProbeException(SmtpOutcome outcome, string message, Exception? inner = null) : IOException(message, inner)
{
    public SmtpOutcome Outcome { get; } = outcome;

    public SocketError SocketError => (InnerException as SocketException)?.SocketErrorCode ?? SocketError.Success;
}
