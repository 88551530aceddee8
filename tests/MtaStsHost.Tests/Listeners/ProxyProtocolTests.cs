using System.Net;
using System.Net.Sockets;
using System.Text;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Listeners;
using MtaStsHost.Serving;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Listeners;

/// <summary>On real listeners.</summary>
public sealed class ProxyProtocolTests : IAsyncLifetime
{
    private const string Header = "PROXY TCP4 198.51.100.9 127.0.0.1 4711 443\r\n";
    private const string Request =
        $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nUser-Agent: Sender\r\nConnection: close\r\n\r\n";
    private static readonly byte[] s_local = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0, 0, 0];

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly int _port = FreePorts.Next(); // one that a reload can keep
    private AppFixture _app = null!;
    private Dictionary<string, long> _before = null!;

    public async ValueTask InitializeAsync() => await StartAsync(_time);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Guard_KnownPeerWithHeader_GivesTheConnectionItsAddress()
    {
        Assert.Contains("STSv1", await SayAsync("127.0.0.1", Header + Request), StringComparison.Ordinal);

        Assert.Contains("200 to 198.51.100.9 (Sender)", await _app.Log.LineAsync("Sender"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_HeaderOfAnUnknownClient_IsNotBelievedAboutOthers()
    {
        var request = Request.Replace("Connection:", "X-Forwarded-For: 203.0.113.66\r\nConnection:", StringComparison.Ordinal);

        await SayAsync("127.0.0.1", Header + request);

        Assert.Contains("200 to 198.51.100.9 (Sender)", await _app.Log.LineAsync("Sender"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_Local_KeepsThePeersAddress()
    {
        Assert.Contains("STSv1", await SayAsync("127.0.0.1", Encoding.Latin1.GetString(s_local) + Request), StringComparison.Ordinal);

        Assert.Contains("200 to 127.0.0.1 (Sender)", await _app.Log.LineAsync("Sender"), StringComparison.Ordinal);
    }

    public static TheoryData<string> WithoutSender => [Encoding.Latin1.GetString(s_local), "PROXY UNKNOWN\r\n"];

    /// <summary>nginx and HAProxy say UNKNOWN of a client on a UNIX socket, say: what it sends is not the proxy's word, though the address
    /// is the proxy's.</summary>
    [Theory]
    [MemberData(nameof(WithoutSender))]
    public async Task Guard_NoSender_IsNotBelievedAboutOthers(string header)
    {
        var request = Request.Replace("Connection:", "X-Forwarded-For: 203.0.113.66\r\nConnection:", StringComparison.Ordinal);

        await SayAsync("127.0.0.1", header + request);

        Assert.Contains("200 to 127.0.0.1 (Sender)", await _app.Log.LineAsync("Sender"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", Request, "invalid")]
    [InlineData("127.0.0.1", "PROXY TCP4 198.51.100.9 127.0.0.1 4711\r\n" + Request, "invalid")]
    [InlineData("127.0.0.9", Header + Request, "unknown_peer")]
    [InlineData("127.0.0.9", Request, "unknown_peer")]
    public async Task Guard_NoHeaderOrNoKnownPeer_EndsTheConnection(string from, string text, string reason)
    {
        Assert.Equal("", await SayAsync(from, text));

        Assert.Equal([(reason, 1L)], Refused());
        Assert.Equal($"{_before[reason] + 1}",
            (await _app.MetricsAsync())[$"mtastshost_proxy_protocol_refused_total{{reason=\"{reason}\"}}"]);
    }

    [Fact]
    public async Task Guard_UnknownPeers_AreWarnedOfOnce()
    {
        await SayAsync("127.0.0.9", Request);
        await SayAsync("127.0.0.8", Request);
        await SayAsync("127.0.0.1", Header + Request);

        await _app.Log.LineAsync("Sender");
        Assert.Contains("Connection from 127.0.0.9 to a ProxyProtocol listener closed", _app.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.8", _app.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_ByteForByte_IsTakenAsWell()
    {
        using var client = await ConnectAsync("127.0.0.1");
        client.NoDelay = true;
        await using var stream = client.GetStream();
        foreach (var value in Encoding.ASCII.GetBytes(Header + Request)) await stream.WriteAsync(new[] { value });

        Assert.Contains("STSv1", await RawHttp.ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PROXY TCP4")]
    public async Task Guard_SilentPeer_IsGivenUp(string beginning)
    {
        using var client = await ConnectAsync("127.0.0.1");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(beginning));
        var end = RawHttp.ReadToEndAsync(client.GetStream());

        // Again and again, since what passes before the host waits for the header counts for nothing.
        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return end.IsCompleted;
            },
            "the connection ends");

        Assert.Equal("", await end);
        Assert.Equal([("incomplete", 1L)], Refused());
    }

    [Theory]
    [InlineData("", 0)] // a check that the port is open
    [InlineData("PROXY", 1)]
    public async Task Guard_PeerThatGoes_IsNoErrorInTheLog(string beginning, int counted)
    {
        using (var client = await ConnectAsync("127.0.0.1"))
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(beginning));
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal("", await RawHttp.ReadToEndAsync(stream));
        }

        Assert.Equal(counted, Refused().Sum(entry => entry.Count));
        Assert.All(_app.Log.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Contains(" INF ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Guard_Reload_SwitchesItOffAndOnAndKnowsOtherNetworks()
    {
        await _app.DisposeAsync();
        await StartAsync(TimeProvider.System);

        await _app.RewriteAsync(Settings(_port, "[ \"127.0.0.1\" ]", "false"));
        await AnswersAsync("127.0.0.1", Request);

        await _app.RewriteAsync(Settings(_port, "[ \"127.0.0.9\" ]", "true"));
        await AnswersAsync("127.0.0.9", Header + Request);
        Assert.Equal("", await SayAsync("127.0.0.1", Header + Request));
    }

    [Fact]
    public async Task Guard_OtherListeners_AreAsEver() =>
        Assert.Contains("HTTP/1.1 200", await RawHttp.SendAsync(_app.Management,
            "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

    private async Task StartAsync(TimeProvider time)
    {
        _app = await AppFixture.StartAsync(new ConfigurationFixture(Settings(_port, "[ \"127.0.0.1\" ]", "true")) { Time = time });
        _before = _app.Service<ProxyProtocol>().Refused.ToDictionary(); // the fixture has asked whose the listeners are
    }

    private static string Settings(int port, string networks, string on) => $$"""
        {
          "Kestrel": { "Endpoints": {
            "Http": { "Url": "http://127.0.0.1:{{port}}", "ProxyProtocol": {{on}} }, "Management": { "Url": "http://127.0.0.1:0" } } },
          "ForwardedHeaders": { "KnownNetworks": {{networks}} }, "MtaSts": { "Domains": { "example.com": {{Json.Good}} } }
        }
        """;

    private IEnumerable<(string Reason, long Count)> Refused() =>
        _app.Service<ProxyProtocol>().Refused.Select(entry => (entry.Reason, Count: entry.Count - _before[entry.Reason]))
            .Where(entry => entry.Count > 0);

    private async Task<TcpClient> ConnectAsync(string from)
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, _app.Http.Port);
        return client;
    }

    private async Task<string> SayAsync(string from, string text)
    {
        try
        {
            using var client = await ConnectAsync(from);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
            return await RawHttp.ReadToEndAsync(stream);
        }
        catch (Exception e) when (e is IOException
            or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.NotConnected })
        {
            return ""; // closed already
        }
    }

    /// <summary>Kestrel opens a changed listener a moment after the configuration is active.</summary>
    private Task AnswersAsync(string from, string text) => Eventually.IsTrueAsync(
        async () =>
        {
            try
            {
                return (await SayAsync(from, text)).Contains("STSv1", StringComparison.Ordinal);
            }
            catch (SocketException)
            {
                return false;
            }
        },
        "the listener is open");
}
