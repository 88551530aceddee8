using System.Net;
using System.Net.Sockets;
using System.Text;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing.Preflight;

/// <summary>What the check sees when it comes in itself; the far end is a socket that answers as the test says.</summary>
public sealed class PreflightCheckExplainTests : IDisposable
{
    private const string Host = "mta-sts.example.com";

    private readonly ScriptedResolver _dns = new();
    private readonly SelfCheck _self = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _requests = [];

    public PreflightCheckExplainTests()
    {
        _listener.Start();
        _dns.Addresses[Host] = [IPAddress.Loopback];
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private Task<PreflightFinding?> ExplainAsync(string type, CancellationToken cancellationToken = default) =>
        new PreflightCheck(() => _dns, _self, new PreflightPorts(Port, Port), _time).ExplainAsync(Host, type, cancellationToken);

    /// <summary>Answers one request with this text, to the byte.</summary>
    private async Task AnswerAsync(string response)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var (request, buffer) = (new StringBuilder(), new byte[4096]);
        while (!request.ToString().Contains("\r\n\r\n")) request.Append(
            Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer)));
        _requests.Add(request.ToString());
        await stream.WriteAsync(Encoding.UTF8.GetBytes(response));
    }

    private static string Response(string status, string headers, string body) =>
        $"HTTP/1.1 {status}\r\n{headers}Content-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";

    private async Task<string?> AskedAsync(string response)
    {
        var (explaining, answering) = (ExplainAsync("http-01"), AnswerAsync(response));
        await answering;
        return (await explaining)?.ToString();
    }

    [Fact]
    public async Task ExplainAsync_OurOwnAnswer_IsNull()
    {
        Assert.Null(await AskedAsync(Response("200 OK", "", _self.Answer)));

        var request = Assert.Single(_requests);
        Assert.StartsWith($"GET /.well-known/acme-challenge/{_self.Token} HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"Host: {Host}", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404 Not Found", "Server: nginx/1.2\r\n", "no",
        "is answered by another server or another replica (404, Server nginx/1.2)")]
    [InlineData("404 Not Found", "", "no", "(404, no Server header)")]
    [InlineData("200 OK", "Server: Apache\r\n", "<html>", "(200, Server Apache)")]
    [InlineData("200 OK", "Server: a\u202eb\r\n", "x", "is answered by")]
    [InlineData("301 Moved", "Location: https://mta-sts.example.com/x\r\n",
        "", "redirects to https://mta-sts.example.com/x (301), and the redirect was not followed")]
    [InlineData("308 Moved", "Location: /x\r\n", "", "redirects to /x (308)")]
    public async Task ExplainAsync_SomethingElse_SaysWhat(string status, string headers, string body, string expected)
    {
        var message = await AskedAsync(Response(status, headers, body));

        Assert.StartsWith($"seen from here, port {Port} of 127.0.0.1 ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("; forward /.well-known/acme-challenge/ on port ", message, StringComparison.Ordinal);
        Assert.True(MtaStsHost.Text.Printable.IsPrintable(message));
    }

    [Fact]
    public async Task ExplainAsync_OurAnswerWithMoreAfterIt_IsNotOurs() =>
        Assert.Contains("is answered by another server", await AskedAsync(Response("200 OK", "", _self.Answer + "x")),
            StringComparison.Ordinal);

    [Fact]
    public async Task ExplainAsync_TheTokenEchoed_IsNotOurs() =>
        Assert.Contains("is answered by another server", await AskedAsync(Response("200 OK", "", _self.Token)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "closed the connection without an answer")]
    [InlineData("SSH-2.0-x\r\n", "is answered by a server that doesn't speak HTTP")]
    public async Task ExplainAsync_NoHttp_SaysSo(string response, string expected) =>
        Assert.Contains(expected, await AskedAsync(response), StringComparison.Ordinal);

    [Theory]
    [InlineData("http-01", "Http")]
    [InlineData("tls-alpn-01", "Https")]
    public async Task ExplainAsync_NobodyListens_IsRefused(string type, string endpoint)
    {
        var port = FreePorts.Next();
        var check = new PreflightCheck(() => _dns, _self, new PreflightPorts(port, port), _time);

        var finding = await check.ExplainAsync(Host, type, CancellationToken.None);

        Assert.Equal($"seen from here, port {port} of 127.0.0.1 refuses connections", finding!.What);
        Assert.EndsWith($"of each address to the {endpoint} endpoint, or remove the address from DNS",
            finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_TlsPortOpen_IsNull() => Assert.Null(await ExplainAsync("tls-alpn-01"));

    [Fact]
    public async Task ExplainAsync_SilentServer_GivesUpAfterThreeSeconds()
    {
        var explaining = ExplainAsync("http-01");
        using var client = await _listener.AcceptTcpClientAsync();
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(explaining.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal($"seen from here, port {Port} of 127.0.0.1 did not answer within 3 s", (await explaining)!.What);
    }

    [Fact]
    public async Task ExplainAsync_Cancelled_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        var explaining = ExplainAsync("http-01", cancellation.Token);
        using var client = await _listener.AcceptTcpClientAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => explaining);
    }

    [Fact]
    public async Task ExplainAsync_SeveralAddresses_EachIsLookedAt()
    {
        // Nothing listens on the second and third; 127.0.0.0/8 is all of this machine.
        _dns.Addresses[Host] = [IPAddress.Loopback, IPAddress.Parse("127.0.0.2"),
            IPAddress.Parse("127.0.0.3"), IPAddress.Parse("127.0.0.2")];

        var finding = await ExplainAsync("tls-alpn-01");

        Assert.Equal($"seen from here, port {Port} of 127.0.0.2 refuses connections, port {Port} of 127.0.0.3 refuses connections",
            finding!.What);
    }

    [Fact]
    public async Task ExplainAsync_NothingToLookAt_IsNull()
    {
        Assert.Null(await ExplainAsync("dns-01"));

        _dns.Failing[Host] = "no answer";
        Assert.Null(await ExplainAsync("http-01"));
    }

    [Fact]
    public async Task ExplainAsync_NoAddress_SaysSo()
    {
        _dns.Addresses.Clear();

        Assert.Equal($"{Host} has no address in DNS", (await ExplainAsync("http-01"))!.What);
    }

    [Fact]
    public void SelfCheck_TokenAndAnswer_AreRandomAndNoKeyAuthorization()
    {
        Assert.True(Acme.Challenge.IsToken(_self.Token));
        Assert.DoesNotContain('.', _self.Answer);
        Assert.Equal(4, new[] { _self.Token, _self.Answer, new SelfCheck().Token, new SelfCheck().Answer }.Distinct().Count());
    }
}
