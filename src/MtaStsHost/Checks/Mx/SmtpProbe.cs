using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mx;

/// <summary>What all probes have in common.</summary>
/// <param name="Port">25 in the field (<c>Checks:SmtpPort</c>).</param>
/// <param name="Timeout">For a whole connection (<c>Checks:Timeout</c>).</param>
/// <param name="TrustedRoots">Null: the system's.</param>
internal sealed record SmtpProbeOptions(int Port, TimeSpan Timeout, X509Certificate2Collection? TrustedRoots = null)
{
    public ConnectableAddresses Connectable { get; init; } = new([]);
}

/// <summary>Connects to one address of one MX host as a sender that honors MTA-STS does (RFC 8461 §4.2), up to the EHLO inside TLS, and
/// delivers nothing. No SMTP library does this: they use or discard what is buffered behind the STARTTLS reply, which has to be reported
/// here, do not limit replies, and have one exception for failures that must be distinguished here.</summary>
internal sealed class SmtpProbe(SmtpProbeOptions options, TimeProvider time)
{
#pragma warning disable CA5398 // TLS 1.2 or later, as senders want it (RFC 8996); the system's default may be lower.
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;
    /// <summary>Its ClientHello is some 200 bytes long: it has no key share (RFC 8446 §4.2.8), and so no post-quantum one of 1,200
    /// bytes, with which it no longer fits in one segment.</summary>
    private const SslProtocols SmallHello = SslProtocols.Tls12;
#pragma warning restore CA5398

    /// <summary>Never throws but for the caller's cancellation. Takes up to twice the time-out: a server that does not complete the
    /// handshake gets a second connection with the smallest ClientHello.</summary>
    /// <param name="host">A host name as <see cref="MtaSts.DomainName"/> has it: SslStream throws at others.</param>
    public async Task<SmtpProbeResult> ProbeAsync(string host, IPAddress address, CancellationToken cancellationToken)
    {
        if (!options.Connectable.Contain(address)) return new(SmtpOutcome.NotGlobal, "is not a global address");
        var (result, large) = await ConnectAsync(host, address, Versions, cancellationToken);
        if (!large.IsHelloUnanswered) return result;
        var (second, small) = await ConnectAsync(host, address, SmallHello, cancellationToken);
        if (!small.IsHelloAccepted) return result;
        var fault = $"does not complete a TLS handshake that begins with a ClientHello of {large.HelloBytes} bytes (TLS 1.3), "
            + $"but one that begins with {small.HelloBytes} bytes (TLS 1.2)";
        return second.Outcome == SmtpOutcome.Good ? second with { Outcome = SmtpOutcome.LargeHello, Message = fault }
            : second with { Message = $"{second.Message}; and it {fault}" };
    }

    private async Task<(SmtpProbeResult Result, SmtpAttempt Attempt)> ConnectAsync(string host, IPAddress address,
        SslProtocols versions, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var attempt = new SmtpAttempt(host, address, versions, options, time, either.Token);
        return (await DescribeAsync(attempt, cancellationToken), attempt);
    }

    private async Task<SmtpProbeResult> DescribeAsync(SmtpAttempt attempt, CancellationToken cancellationToken)
    {
        try
        {
            await attempt.RunAsync();
            return attempt.Describe(SmtpOutcome.Good, $"has STARTTLS with {attempt.TlsName} and a valid certificate");
        }
        catch (SmtpProbeException e)
        {
            return attempt.Describe(e.Outcome, e.Message) with { SocketError = e.SocketError };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var (outcome, error) = attempt.IsConnected ? (SmtpOutcome.Timeout, SocketError.Success)
                : (SmtpOutcome.Unreachable, SocketError.TimedOut);
            return attempt.Describe(outcome, $"gave no answer within {options.Timeout.TotalSeconds:0.#} s ({attempt.Step})")
                with { SocketError = error };
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return attempt.Describe(SmtpOutcome.Closed, $"ended the connection ({attempt.Step})");
        }
    }
}
