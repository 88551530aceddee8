using System.Net;
using System.Net.Sockets;
using System.Text;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>What must hold besides where the host has the certificates: only the proxy says who a connection is from.</summary>
public abstract class PassthroughContract(PassthroughFixture proxy) : ProxyContract(proxy)
{
    private const string Forged = "PROXY TCP4 203.0.113.66 127.0.0.1 4711 443\r\n";

    [Theory]
    [InlineData(Forged)]
    [InlineData("")]
    public async Task An_unknown_client_that_connects_directly_is_refused(string header)
    {
        await proxy.StartAsync();

        Assert.Equal("", await SayAsync(Sender.Address, proxy.Host.Https, header));
    }

    [Fact]
    public async Task The_proxy_itself_must_send_a_header()
    {
        await proxy.StartAsync();

        Assert.Equal("", await SayAsync(IPAddress.Loopback, proxy.Host.Https, ""));
    }

    [Fact]
    public async Task A_header_that_a_sender_sends_through_the_proxy_is_not_believed()
    {
        await proxy.StartAsync();

        Assert.Equal("", await SayAsync(Sender.Address, proxy.Public, Forged));
        Assert.DoesNotContain("203.0.113.66", proxy.HostProcess.Output, StringComparison.Ordinal);
    }

    /// <summary>Sends the header and a true ClientHello after it. Returns what is answered until the end.</summary>
    private static async Task<string> SayAsync(IPAddress from, Uri to, string header)
    {
        using var hello = new ClientHelloStream();
        await hello.MakeAsync("mta-sts.example.com");
        using var client = new TcpClient(new IPEndPoint(from, 0));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(8)); // sooner than any time-out of the host or the proxy
        deadline.Token.Register(client.Close);
        try
        {
            await client.ConnectAsync(IPAddress.Parse(to.Host), to.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(header), .. hello.Bytes]);
            return await RawHttp.ReadToEndAsync(stream);
        }
        catch (Exception e) when (e is IOException
            or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.NotConnected })
        {
            return ""; // closed already
        }
        finally
        {
            Assert.False(deadline.IsCancellationRequested, "the connection goes on");
        }
    }
}
