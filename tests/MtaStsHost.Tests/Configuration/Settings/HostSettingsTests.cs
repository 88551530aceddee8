using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class HostSettingsTests
{
    [Theory]
    [InlineData("http://*:8080", false)]
    [InlineData("http://+:8080", false)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://[::]:8080", false)]
    [InlineData("http://localhost:8080", false)]
    [InlineData("HTTP://127.0.0.1", false)]
    [InlineData("https://*:443", true)]
    [InlineData("http://unix:/run/mtastshost.sock", false)]
    public void Read_Address_IsAListener(string url, bool https)
    {
        using var configuration = new ConfigurationFixture($$"""{ "Kestrel": { "Endpoints": { "Http": { "Url": "{{url}}" } } } }""");

        Assert.Equal(https, configuration.ReadGood().Settings.HasHttps);
    }

    [Theory]
    [InlineData("\"\"", "is not set")]
    [InlineData("null", "is not set")]
    [InlineData("\"8080\"", "is not an address to listen on")]
    [InlineData("8080", "is not an address to listen on")]
    [InlineData("\"ftp://*:21\"", "is not an address to listen on")]
    [InlineData("\"http://*:99999\"", "is not an address to listen on")]
    [InlineData("\"http://*:-1\"", "is not an address to listen on")]
    [InlineData("\"http://*:8080/path\"", "is not an address to listen on")]
    [InlineData("\"http://\"", "is not an address to listen on")]
    [InlineData("\"*:8080\"", "is not an address to listen on")]
    [InlineData("\"http://localhost:0\"", "is not an address to listen on")] // Kestrel has no free port for a name with two addresses
    public void Read_NoAddress_IsAnError(string url, string error)
    {
        using var configuration = new ConfigurationFixture(
            $$"""{ "Kestrel": { "Endpoints": { "Good": { "Url": "http://*:8081" }, "Http": { "Url": {{url}} } } } }""");

        Assert.Contains(error, Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"Http1\"", true)]
    [InlineData("\"http1AndHttp2\"", true)]
    [InlineData("\"Http9\"", false)]
    [InlineData("\"99\"", false)]
    public void Read_Protocols_AreKestrels(string protocols, bool good)
    {
        using var configuration = new ConfigurationFixture(
            $$"""{ "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8080", "Protocols": {{protocols}} } } } }""");

        Assert.Equal(good, configuration.Errors().Count == 0);
    }

    [Theory]
    [InlineData("Http", "true", null)]
    [InlineData("Http", "\"false\"", null)]
    [InlineData("Http", "\"v2\"", "'v2' is neither true nor false; use true or false")]
    [InlineData("Http", "[ true ]", "must be one value, not a list or an object; write the value itself")]
    [InlineData("Management", "true", "is for public listeners: the management listener does not use the client's address; remove it")]
    [InlineData("Management", "false", null)]
    public void Read_ProxyProtocol_IsASwitchOfPublicListeners(string endpoint, string value, string? error)
    {
        using var configuration = new ConfigurationFixture($$"""
            { "Kestrel": { "Endpoints": { "Https": { "Url": "https://*:8443" }, "{{endpoint}}": { "Url": "http://localhost:8080", "ProxyProtocol": {{value}} } } }, "ForwardedHeaders": { "KnownNetworks": [ "127.0.0.1" ] } }
            """);

        Assert.Equal(error is null ? [] : [$"error: Kestrel:Endpoints:{endpoint}:ProxyProtocol (appsettings.json:1): {error}"],
            configuration.Errors());
    }

    [Theory]
    [InlineData("http://*:8080", true)]
    [InlineData("http://unix:/run/mtastshost.sock", false)] // its file mode decides who may connect
    public void Read_ProxyProtocolWithoutKnownNetworks_IsAWarning(string url, bool warned)
    {
        using var configuration =
            new ConfigurationFixture(
            $$"""{ "Kestrel": { "Endpoints": { "Http": { "Url": "{{url}}", "ProxyProtocol": true } } }, "MtaSts": { "Domains": """
                + $$"""{ "example.com": {{Json.Good}} } } }""");

        Assert.Equal(
            warned ? ["warning: Kestrel:Endpoints:Http:ProxyProtocol: is on, and no proxy is known, so every connection is closed; add "
                + "the proxy's network to ForwardedHeaders:KnownNetworks"] : [],
            configuration.Warnings());
    }

    [Theory]
    [InlineData("Block", false, true)]
    [InlineData("Block", true, false)]
    [InlineData("Warn", false, false)]
    public void Read_GateThatNobodyOpens_IsAWarning(string gate, bool isChecked, bool warned)
    {
        using var configuration = new ConfigurationFixture(Json.With(
            $$"""{ "EnforceGate": "{{gate}}", "Domains": { "example.com": {{Json.Good}} } }""",
                $$""" "Checks": { "Enabled": {{(isChecked ? "true" : "false")}} } """));

        Assert.Equal(
            warned ? ["warning: MtaSts:EnforceGate: is Block, and Checks:Enabled is false: a domain that is switched to enforce "
                + "stays in testing forever, since its MX hosts are never checked; set Checks:Enabled to true, or EnforceGate to Warn"]
                    : [],
            configuration.Warnings());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "Kestrel": {} }""")]
    [InlineData("""{ "Kestrel": { "Endpoints": { "management": { "Url": "http://localhost:9090" } } } }""")]
    public void Read_NoPublicEndpoint_IsAnError(string json)
    {
        using var configuration = new ConfigurationFixture(json);

        Assert.StartsWith("error: Kestrel:Endpoints: has no public endpoint",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.53", "192.0.2.53:53")]
    [InlineData("127.0.0.1:8053", "127.0.0.1:8053")]
    [InlineData("2001:db8::53", "[2001:db8::53]:53")]
    [InlineData("[2001:db8::53]:5353", "[2001:db8::53]:5353")]
    public void Read_Resolver_IsAnAddressWithAPort(string resolver, string expected)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$""" "Dns": { "Resolvers": [ "{{resolver}}" ] } """));

        Assert.Equal(expected, Assert.Single(configuration.ReadGood().Settings.Resolvers).ToString());
    }

    [Theory]
    [InlineData("dns.example")]
    [InlineData("192.0.2.53:99999")]
    [InlineData("192.0.2")]
    [InlineData("53")]
    public void Read_NoResolver_IsAnError(string resolver)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$""" "Dns": { "Resolvers": [ "{{resolver}}" ] } """));

        Assert.StartsWith($"error: Dns:Resolvers:0 (appsettings.json:1): '{resolver}' is not an address",
            Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoDomain_IsAWarning()
    {
        using var configuration = new ConfigurationFixture(Json.With("{}"));

        Assert.Equal(
            ["warning: MtaSts:Domains: no domain is configured, so nothing is served but domains that were removed and that senders "
            + "still hold a policy of; add the first one"], configuration.Warnings());
    }

    [Theory]
    [InlineData("maybe", "'maybe' is neither true nor false")]
    public void Read_AcmeTerms_AreTrueOrFalse(string value, string error)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$""" "Acme": { "AcceptTermsOfService": "{{value}}" } """));

        Assert.Contains(error, Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RepositorysOwnFile_IsGood()
    {
        var root = MtaStsHost.Configuration.ConfigurationSources.FindFolder(AppContext.BaseDirectory, "/");
        using var configuration = new ConfigurationFixture(File.ReadAllText(Path.Combine(root, "appsettings.json")));

        Assert.Equal("mta-sts.example.com", configuration.ReadGood().Policies.All[0].Host);
        Assert.Empty(configuration.Warnings());
    }
}
