using MtaStsHost.Configuration;
using MtaStsHost.Listeners;

namespace MtaStsHost.Tests.Listeners;

public sealed class KestrelSettingsTests
{
    private static readonly EndpointSettings s_http = new("Http", "http://127.0.0.1:8080", null);
    private static readonly EndpointSettings s_other = new("Http", "http://127.0.0.1:8081", null);
    private static readonly EndpointSettings s_management = new("Management", "http://127.0.0.1:9090", null);

    private readonly Live<IReadOnlyList<EndpointSettings>> _endpoints = new([]);
    private readonly KestrelSettings _settings;

    public KestrelSettingsTests()
    {
        _settings = new KestrelSettings(_endpoints);
        _endpoints.Replace([s_http, s_management]);
    }

    [Fact]
    public void Replace_ChangedEndpoint_IsAddedBeforeTheOldOneIsRemoved()
    {
        _endpoints.Replace([s_other, s_management]);

        Assert.Equal(["Http = http://127.0.0.1:8080", "Http' = http://127.0.0.1:8081", "Management = http://127.0.0.1:9090"], Urls());

        _settings.RemoveReplaced();
        Assert.Equal(["Http' = http://127.0.0.1:8081", "Management = http://127.0.0.1:9090"], Urls());

        _endpoints.Replace([s_http, s_management]);
        _settings.RemoveReplaced();
        Assert.Equal(["Http = http://127.0.0.1:8080", "Management = http://127.0.0.1:9090"], Urls());
    }

    [Fact]
    public void Replace_ChangedAgainBeforeTheOldOneIsRemoved_TakesItsName()
    {
        _endpoints.Replace([s_other, s_management]);

        _endpoints.Replace([s_other with { ProxyProtocol = true }, s_management]);

        Assert.Equal(["Http = http://127.0.0.1:8081", "Http' = http://127.0.0.1:8081", "Management = http://127.0.0.1:9090"], Urls());
    }

    [Fact]
    public void Replace_EndpointThatIsRemoved_IsRemovedAtOnce()
    {
        _endpoints.Replace([s_http]);

        Assert.Equal(["Http = http://127.0.0.1:8080"], Urls());
    }

    private IEnumerable<string> Urls() => _settings.Section.GetSection("Endpoints").GetChildren()
        .Select(section => $"{section.Key} = {section["Url"]}").Order(StringComparer.Ordinal);
}
