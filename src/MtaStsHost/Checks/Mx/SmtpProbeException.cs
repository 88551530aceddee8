namespace MtaStsHost.Checks.Mx;

/// <summary>Ends a probe where it fails; never leaves <see cref="SmtpProbe"/>. An <see cref="IOException"/>, so that it comes through
/// SslStream as it is.</summary>
internal sealed class SmtpProbeException(SmtpOutcome outcome, string message, Exception? inner = null) : IOException(message, inner)
{
    public SmtpOutcome Outcome { get; } = outcome;

    public SocketError SocketError => (InnerException as SocketException)?.SocketErrorCode ?? SocketError.Success;
}
