using System.Net;
using Microsoft.AspNetCore.Http;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Serving;

public sealed class SenderAddressTests
{
    private const string Proxies = """[ "10.0.0.0/8", "2001:db8:1::/48", "127.0.0.1" ]""";

    [Theory]
    [InlineData(Proxies, "192.0.2.1", null, "192.0.2.1")]
    [InlineData(Proxies, "192.0.2.1", "198.51.100.9", "192.0.2.1")] // an unknown client may claim anything
    [InlineData(Proxies, "10.1.2.3", "198.51.100.9", "198.51.100.9")]
    [InlineData(Proxies, "127.0.0.1", "198.51.100.9", "198.51.100.9")]
    [InlineData(Proxies, "127.0.0.2", "198.51.100.9", "127.0.0.2")]
    [InlineData(Proxies, "2001:db8:1::5", "2001:db8:9::1", "2001:db8:9::1")]
    [InlineData(Proxies, "10.1.2.3", "198.51.100.9, 10.9.9.9", "198.51.100.9")] // two proxies of ours
    [InlineData(Proxies, "10.1.2.3", "203.0.113.66, 198.51.100.9, 10.9.9.9", "198.51.100.9")] // and a forged entry before them
    [InlineData(Proxies, "10.1.2.3", "10.6.6.6, 198.51.100.9", "198.51.100.9")] // forged to look like a proxy
    [InlineData(Proxies, "10.1.2.3", "198.51.100.9:4711", "198.51.100.9")]
    [InlineData(Proxies, "10.1.2.3", "[2001:db8:9::1]:4711", "2001:db8:9::1")]
    [InlineData(Proxies, "10.1.2.3", "::ffff:198.51.100.9", "198.51.100.9")]
    [InlineData(Proxies, "10.1.2.3", "unknown", "10.1.2.3")]
    [InlineData(Proxies, "10.1.2.3", "", "10.1.2.3")]
    [InlineData(Proxies, "10.1.2.3", "\u001b[2J", "10.1.2.3")]
    [InlineData(Proxies, "::ffff:192.0.2.1", null, "192.0.2.1")]
    [InlineData(Proxies, "::ffff:10.1.2.3", "198.51.100.9", "198.51.100.9")] // a proxy over a dual-stack socket
    [InlineData(Proxies, "::ffff:192.0.2.1", "198.51.100.9", "192.0.2.1")]
    // through proxies of either family
    [InlineData(Proxies, "10.1.2.3", "198.51.100.9, ::ffff:10.9.9.9, [2001:db8:1::7]:4711", "198.51.100.9")]
    [InlineData(Proxies, "10.1.2.3", "198.51.100.9, 192.0.2.7, 10.9.9.9", "192.0.2.7")] // no further than the first that isn't known
    [InlineData(Proxies, "10.1.2.3", "198.51.100.9, garbage, 10.9.9.9", "10.9.9.9")] // nor past what can't be read
    [InlineData(Proxies, "10.1.2.3", "198.51.100.9,,10.9.9.9,", "198.51.100.9")]
    [InlineData(Proxies, "10.1.2.3", "10.4.4.4", "10.4.4.4")] // a client in a known network
    [InlineData("[ \"::ffff:10.0.0.0/104\" ]", "10.1.2.3", "198.51.100.9", "198.51.100.9")]
    [InlineData("[ \"::ffff:10.0.0.0/104\" ]", "11.1.2.3", "198.51.100.9", "11.1.2.3")]
    [InlineData("[]", "127.0.0.1", "198.51.100.9", "127.0.0.1")]
    [InlineData("null", "10.1.2.3", "198.51.100.9", "10.1.2.3")]
    [InlineData("[ \"10.0.0.1/8\" ]", "10.9.9.9", "198.51.100.9", "198.51.100.9")]
    [InlineData("[ \"0.0.0.0/0\" ]", "192.0.2.1", "198.51.100.9", "198.51.100.9")]
    public void Of_ConnectionAndHeader_IsAsFarAsTheKnownNetworksReach(string networks, string remote, string? forwarded, string expected)
    {
        using var configuration =
            new ConfigurationFixture(Json.With("{}", $$""" "ForwardedHeaders": { "KnownNetworks": {{networks}} } """));
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        if (forwarded is not null) context.Request.Headers["X-Forwarded-For"] = forwarded;
        context.Request.Headers.Host = "mta-sts.example.com";
        context.Request.Headers["X-Forwarded-Host"] = "other.example";

        Assert.Equal(expected, new SenderAddress(new Live<KnownNetworks>(configuration.ReadGood().Settings.KnownNetworks))
            .Of(context)?.ToString());
        Assert.Equal("mta-sts.example.com", context.Request.Host.Value);
    }

    [Theory]
    [InlineData("http", "198.51.100.9")]
    [InlineData("https", "10.1.2.3")] // passed through by a proxy, which can't write headers
    public void Of_HeaderInsideTls_IsTheSendersOwnWord(string scheme, string expected)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$""" "ForwardedHeaders": { "KnownNetworks": {{Proxies}} } """));
        var context = new DefaultHttpContext();
        context.Request.Scheme = scheme;
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.1.2.3");
        context.Request.Headers["X-Forwarded-For"] = "198.51.100.9";

        Assert.Equal(expected, new SenderAddress(new Live<KnownNetworks>(configuration.ReadGood().Settings.KnownNetworks))
            .Of(context)?.ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("proxy.example")]
    [InlineData("*")]
    [InlineData("010.0.0.1")]
    [InlineData("10")]
    public void Read_NoNetwork_IsAnError(string network)
    {
        using var configuration =
            new ConfigurationFixture(Json.With("{}", $$""" "ForwardedHeaders": { "KnownNetworks": [ "127.0.0.0/8", "{{network}}" ] } """));

        Assert.StartsWith($"error: ForwardedHeaders:KnownNetworks:1 (appsettings.json:1): '{network}' is not a network",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Forwarded_IsNotLookedAt()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Headers["Forwarded"] = "for=198.51.100.9;host=other.example;proto=https"; // RFC 7239

        Assert.Equal(IPAddress.Loopback,
            new SenderAddress(new Live<KnownNetworks>(new KnownNetworks([System.Net.IPNetwork.Parse("127.0.0.0/8")]))).Of(context));
    }

    [Fact]
    public async Task Of_NextRequestOfTheConnection_StartsAnew()
    {
        await using var app = await AppFixture.StartAsync(
            Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""", """ "ForwardedHeaders": { "KnownNetworks": [ "127.0.0.0/8" ] } """));

        await RawHttp.SendAsync(
            app.Http,
            $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nUser-Agent: First\r\nX-Forwarded-For: 198.51.100.9\r\n\r\n"
            + $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nUser-Agent: Second\r\nConnection: close\r\n\r\n");

        Assert.Contains("200 to 198.51.100.9 (First)", await app.Log.LineAsync("First"), StringComparison.Ordinal);
        Assert.Contains("200 to 127.0.0.1 (Second)", await app.Log.LineAsync("Second"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_ForwardedRequest_StandsInTheLog()
    {
        await using var app = await AppFixture.StartAsync(
            Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""", """ "ForwardedHeaders": { "KnownNetworks": [ "127.0.0.0/8" ] } """));

        await RawHttp.SendAsync(app.Http,
            $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nUser-Agent: Sender\r\nX-Forwarded-For: "
            + $"198.51.100.9\r\nConnection: close\r\n\r\n");

        Assert.Contains("200 to 198.51.100.9 (Sender)", await app.Log.LineAsync("Sender"), StringComparison.Ordinal);
    }
}
