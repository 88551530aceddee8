using System.Net;
using MtaStsHost.Configuration;
using MtaStsHost.Traefik;

namespace MtaStsHost.Tests.Traefik;

public sealed class ServiceAddressTests
{
    [Theory]
    [InlineData("http://*:8080", "127.0.0.1", "http://127.0.0.1:8080")]
    [InlineData("http://*:8080", "::1", "http://[::1]:8080")]
    [InlineData("http://+:8080", "172.18.0.3", "http://172.18.0.3:8080")]
    [InlineData("http://*:8080", "::ffff:172.18.0.3", "http://172.18.0.3:8080")]
    [InlineData("http://[::]:8080", "172.18.0.3", "http://172.18.0.3:8080")]
    [InlineData("http://0.0.0.0:8080", "172.18.0.3", "http://172.18.0.3:8080")]
    [InlineData("http://0.0.0.0:8080", "::1", "http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:8080", "fd00::3", null)]
    [InlineData("http://localhost:8080", "127.0.0.1", "http://127.0.0.1:8080")]
    [InlineData("http://localhost:8080", "::1", "http://[::1]:8080")]
    [InlineData("http://localhost:8080", "172.18.0.3", null)]
    [InlineData("http://127.0.0.1:8080", "172.18.0.3", null)]
    [InlineData("http://127.0.0.1:8080", "::1", "http://127.0.0.1:8080")]
    [InlineData("http://192.0.2.1:8080", "127.0.0.1", "http://192.0.2.1:8080")]
    [InlineData("http://[fd00::7]:8080", "172.18.0.3", "http://[fd00::7]:8080")]
    [InlineData("http://*", "172.18.0.3", "http://172.18.0.3:80")]
    [InlineData("http://127.0.0.1:0", "127.0.0.1", null)] // Kestrel's choice, which changes with each start
    [InlineData("http://unix:/run/mtastshost.sock", "127.0.0.1", null)]
    [InlineData("https://*:443", "127.0.0.1", null)]
    [InlineData("http://*:8080", "fe80::1%2", null)]
    [InlineData("http://*:8080", null, null)]
    public void Find_OneListener_IsWhereTheAskerCanReachIt(string url, string? reached, string? expected) =>
        Assert.Equal(expected, ServiceAddress.Find([new EndpointSettings("Public", url, null)],
            reached is null ? null : IPAddress.Parse(reached)));

    [Fact]
    public void Find_Http2WithoutTls_IsWhatTraefikCallsH2c() =>
        Assert.Equal("h2c://10.0.0.1:8080", ServiceAddress.Find([new EndpointSettings("Http", "http://*:8080", "Http2")],
            IPAddress.Parse("10.0.0.1")));

    [Fact]
    public void Find_SeveralListeners_IsTheFirstThatCanBeReachedAndNeverManagement() => Assert.Equal(
        "http://10.0.0.1:8082",
        ServiceAddress.Find(
            [
                new EndpointSettings("management", "http://*:9090", null), new EndpointSettings("Https", "https://*:443", null),
                new EndpointSettings("Passed", "http://*:8084", null, ProxyProtocol: true),
                new EndpointSettings("Inner", "http://localhost:8081", null),
                    new EndpointSettings("Http", "http://*:8082", null), new EndpointSettings("More", "http://*:8083", null),
            ],
            IPAddress.Parse("10.0.0.1")));
}
