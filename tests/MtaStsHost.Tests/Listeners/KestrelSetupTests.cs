using System.Net.Sockets;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Listeners;

public sealed class KestrelSetupTests
{
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte EndStreamAndHeaders = 5;

    private static readonly byte[] s_get = [0x82, 0x86, 0x84, 0x41, 19, .. "mta-sts.example.com"u8];

    /// <summary>CVE-2023-44487.</summary>
    [Fact]
    public async Task Http2_RapidReset_EndsTheConnectionWithoutALogLine()
    {
        await using var app = await AppFixture.StartAsync(Json.WithDomain(Json.Good).Replace(
            "\"Http\": {", "\"Http\": { \"Protocols\": \"Http2\",", StringComparison.Ordinal));
        using var client = new TcpClient();
        await client.ConnectAsync(app.Http.Host, app.Http.Port);
        var bytes = new List<byte>("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        bytes.AddRange(Frame(Settings, 0, 0, []));
        for (var stream = 1; stream < 20_000; stream += 2)
            bytes.AddRange([.. Frame(Headers, EndStreamAndHeaders, stream, s_get), .. Frame(Reset, 0, stream, [0, 0, 0, 8])]);

        await Record.ExceptionAsync(() => client.GetStream().WriteAsync(bytes.ToArray()).AsTask());
        await RawHttp.ReadToEndAsync(client.GetStream());

        await app.GetTextAsync(app.Management, "/health");
        await app.StopAsync();
        await app.Log.LineAsync("has stopped");
        Assert.DoesNotContain(app.Log.Lines, line => line.Contains(" FTL ", StringComparison.Ordinal)
            || line.Contains(" ERR ", StringComparison.Ordinal));
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
    [
        0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags,
        (byte)(stream >> 24), (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream, .. payload,
    ];
}
