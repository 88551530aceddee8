using Acme;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>The ports that a CA connects to: RFC 8555 §8.3, RFC 8737 §3.</summary>
internal sealed record PreflightPorts(int Http, int Tls)
{
    public static readonly PreflightPorts Default = new(80, 443);
}

/// <summary>Connects to one address as a CA would, and describes what is wrong; <c>null</c>: nothing.</summary>
internal sealed class PortProbe(SelfCheck self, PreflightPorts ports, TimeProvider time)
{
    private const int MaxHeaderKilobytes = 16;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    /// <summary>Requests the answer that only this process knows.</summary>
    public Task<string?> HttpAsync(string host, IPAddress address, CancellationToken cancellationToken) =>
        TryAsync(address, ports.Http, token => AskAsync(host, address, token), cancellationToken);

    /// <summary>Only connects: a handshake for a challenge that isn't open proves nothing.</summary>
    public Task<string?> TlsAsync(IPAddress address, CancellationToken cancellationToken) =>
        TryAsync(address, ports.Tls, async token =>
        {
            await using var stream = await ConnectAsync(address, ports.Tls, token);
            return null;
        }, cancellationToken);

    private async Task<string?> TryAsync(IPAddress address, int port, Func<CancellationToken,
        Task<string?>> look, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(s_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        string? seen;
        try
        {
            seen = await look(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            seen = $"did not answer within {s_timeout.TotalSeconds:0} s";
        }
        catch (Exception e) when (e is SocketException or HttpRequestException or IOException)
        {
            seen = Explain(e);
        }

        return seen is null ? null : $"port {port} of {address} {seen}";
    }

    private async Task<string?> AskAsync(string host, IPAddress address, CancellationToken cancellationToken)
    {
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirect is reported, and may lead anywhere
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            // The handler repeats a request whose connection ends before the answer, which would hide what happened.
            ConnectCallback = async (context, token) => ++connections == 1
                ? await ConnectAsync(address, context.DnsEndPoint.Port, token)
                : throw new HttpIOException(HttpRequestError.ResponseEnded),
        };
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        var url = new UriBuilder(Uri.UriSchemeHttp, host, ports.Http, Challenge.Http01Path + self.Token).Uri;
        using var response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.OK && await IsOursAsync(response.Content, cancellationToken)) return null;
        var status = (int)response.StatusCode;
        if (status is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location)
            return $"redirects to {Printable.Text(location.OriginalString, 120)} ({status}), and the redirect was not followed";
        var server = response.Headers.TryGetValues("Server", out var values)
            ? $"Server {Printable.Text(string.Join(' ', values), 80)}" : "no Server header";
        return $"is answered by another server or another replica ({status}, {server})";
    }

    private async Task<bool> IsOursAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        // One byte more than expected, to detect a longer body.
        var buffer = new byte[self.Answer.Length + 1];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer.AsSpan(0, read).SequenceEqual(Encoding.ASCII.GetBytes(self.Answer));
    }

    private static async Task<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            socket = null;
            return stream;
        }
        finally
        {
            socket?.Dispose();
        }
    }

    /// <summary><c>null</c> where the fault is on this side: a machine without IPv6 can't judge an IPv6 address.</summary>
    private static string? Explain(Exception e)
    {
        if ((e as SocketException ?? e.InnerException as SocketException)?.SocketErrorCode is not { } error)
            return (e as HttpIOException ?? e.InnerException as HttpIOException) is { HttpRequestError: HttpRequestError.ResponseEnded }
                ? "closed the connection without an answer"
                : "is answered by a server that doesn't speak HTTP";
        return error switch
        {
            SocketError.ConnectionRefused => "refuses connections",
            SocketError.TimedOut => "did not answer",
            SocketError.ConnectionReset => "closed the connection without an answer",
            SocketError.NetworkUnreachable or SocketError.NetworkDown
                or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable => null,
            _ => $"can't be reached ({error})",
        };
    }
}
