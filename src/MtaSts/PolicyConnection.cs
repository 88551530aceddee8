using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MtaSts;

/// <summary>The connection of one fetch: DNS, TCP, TLS, each with its own kind of failure. RFC 8461 §3.3.</summary>
internal sealed class PolicyConnection(string host, PolicyFetcherOptions options, CancellationToken cancellationToken)
{
    private const string Connecting = "while connecting";

    private readonly long _start = options.TimeProvider.GetTimestamp();
    private IPAddress _address = IPAddress.None;
    private SslProtocols _protocol;
    private string _issuer = "";
    private DateTimeOffset _notAfter;
    private PolicyFetchException? _certificateFailure;

    /// <summary>The current step, for time-out messages.</summary>
    public string Step { get; set; } = "in DNS";

    /// <summary>Whether it was waiting for an address to take the connection.</summary>
    public bool IsConnecting => Step == Connecting;

    public FetchedPolicy Describe(Policy policy, ReadOnlyMemory<byte> body, string contentType) => new()
    {
        Policy = policy,
        Body = body,
        ContentType = contentType,
        Address = _address,
        TlsProtocol = _protocol,
        CertificateIssuer = _issuer,
        CertificateNotAfter = _notAfter,
        Duration = options.TimeProvider.GetElapsedTime(_start),
    };

    /// <summary>Opens the connection. SocketsHttpHandler takes an <see cref="SslStream"/> as it is and adds no TLS of its own.</summary>
    public async ValueTask<Stream> OpenAsync()
    {
        var addresses = await ResolveAsync().ConfigureAwait(false);
        Step = Connecting;
        var socket = await ConnectAsync(addresses).ConfigureAwait(false);
        Step = "in the TLS handshake";
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await AuthenticateAsync(stream).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        Step = "waiting for the answer";
        return stream;
    }

    private async ValueTask<IPAddress[]> ResolveAsync()
    {
        IPAddress[] addresses;
        try
        {
            addresses = options.Resolve is { } resolve
                ? await resolve(host, cancellationToken).ConfigureAwait(false)
                : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e) when (options.Resolve is null && e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            addresses = [];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PolicyFetchException(PolicyFetchFailure.ResolutionFailed, $"the DNS lookup of {host} failed: {e.Message}", e);
        }

        return addresses.Length > 0
            ? addresses
            : throw new PolicyFetchException(PolicyFetchFailure.HostNotFound, $"{host} has no address in DNS.");
    }

    // The end of the stream is a bare IOException about streams.
    private static string ExplainHandshake(Exception e) => e is IOException { InnerException: null }
        ? " without an alert, like a host that has no certificate for the name."
        : $": {e.InnerException?.Message ?? e.Message}";

    private static string Explain(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        SocketException { SocketErrorCode: not SocketError.TimedOut } socket => socket.SocketErrorCode.ToString(),
        _ => "no answer",
    };

    private async ValueTask<Socket> ConnectAsync(IPAddress[] addresses)
    {
        var reasons = new List<string>();
        Exception? last = null;
        foreach (var address in addresses)
        {
            // Each address gets a share of the time, so that an unreachable one (often IPv6) leaves time for the others.
            using var share = new CancellationTokenSource(options.Timeout / addresses.Length, options.TimeProvider);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancellationToken);
            try
            {
                return await ConnectAsync(address, linked.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                last = e;
                reasons.Add($"{address} port {options.Port}: {Explain(e)}");
            }
        }

        throw new PolicyFetchException(PolicyFetchFailure.Unreachable, $"{host} can't be reached ({string.Join("; ", reasons)}).", last);
    }

    private async ValueTask<Socket> ConnectAsync(IPAddress address, CancellationToken shareToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, options.Port), shareToken).ConfigureAwait(false);
            _address = address;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask AuthenticateAsync(SslStream stream)
    {
        try
        {
            await stream.AuthenticateAsClientAsync(CreateTlsOptions(), cancellationToken).ConfigureAwait(false);
            _protocol = stream.SslProtocol;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_certificateFailure is { } failure)
                throw failure;
            throw new PolicyFetchException(
                PolicyFetchFailure.TlsHandshake, $"{host} aborted the TLS handshake{ExplainHandshake(e)}", e);
        }
    }

    private SslClientAuthenticationOptions CreateTlsOptions() => new()
    {
        TargetHost = host,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        CertificateChainPolicy = ServerCertificate.ChainPolicy(options.TrustedRoots, options.TimeProvider),
#pragma warning disable CA5398 // RFC 8461 §3.3 requires TLS 1.2 or later; the system's default may be lower.
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
        RemoteCertificateValidationCallback = (_, certificate, built, _) => Judge(certificate as X509Certificate2, built),
    };

    private bool Judge(X509Certificate2? certificate, X509Chain? chain)
    {
        if (certificate is null || chain is null)
        {
            _certificateFailure = new PolicyFetchException(PolicyFetchFailure.TlsHandshake, $"{host} shows no certificate.");
            return false;
        }

        _issuer = certificate.Issuer;
        _notAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        _certificateFailure = PolicyHostCertificate.Judge(host, certificate, chain);
        return _certificateFailure is null;
    }
}
