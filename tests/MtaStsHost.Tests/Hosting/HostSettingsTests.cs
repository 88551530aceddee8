using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Hosting;

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

        Assert.Equal(https, configuration.ReadGood().HasHttps);
    }

    [Theory]
    [InlineData("\"\"", "is not set")]
    [InlineData("null", "is not set")]
    [InlineData("\"8080\"", "is no address to listen on")]
    [InlineData("8080", "is no address to listen on")]
    [InlineData("\"ftp://*:21\"", "is no address to listen on")]
    [InlineData("\"http://*:99999\"", "is no address to listen on")]
    [InlineData("\"http://*:-1\"", "is no address to listen on")]
    [InlineData("\"http://*:8080/path\"", "is no address to listen on")]
    [InlineData("\"http://\"", "is no address to listen on")]
    [InlineData("\"*:8080\"", "is no address to listen on")]
    [InlineData("\"http://localhost:0\"", "is no address to listen on")] // Kestrel has no free port for a name with two addresses
    public void Read_NoAddress_IsAnError(string url, string error)
    {
        using var configuration = new ConfigurationFixture($$"""{ "Kestrel": { "Endpoints": { "Good": { "Url": "http://*:8081" }, "Http": { "Url": {{url}} } } } }""");

        Assert.Contains(error, Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"Http1\"", true)]
    [InlineData("\"http1AndHttp2\"", true)]
    [InlineData("\"Http9\"", false)]
    [InlineData("\"99\"", false)]
    public void Read_Protocols_AreKestrels(string protocols, bool good)
    {
        using var configuration = new ConfigurationFixture($$"""{ "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8080", "Protocols": {{protocols}} } } } }""");

        Assert.Equal(good, configuration.Errors().Count == 0);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "Kestrel": {} }""")]
    [InlineData("""{ "Kestrel": { "Endpoints": { "management": { "Url": "http://localhost:9090" } } } }""")]
    public void Read_NoPublicEndpoint_IsAnError(string json)
    {
        using var configuration = new ConfigurationFixture(json);

        Assert.StartsWith("error: Kestrel:Endpoints: has no public endpoint", Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.53", "192.0.2.53:53")]
    [InlineData("127.0.0.1:8053", "127.0.0.1:8053")]
    [InlineData("2001:db8::53", "[2001:db8::53]:53")]
    [InlineData("[2001:db8::53]:5353", "[2001:db8::53]:5353")]
    public void Read_Resolver_IsAnAddressWithAPort(string resolver, string expected)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$""" "Dns": { "Resolvers": [ "{{resolver}}" ] } """));

        Assert.Equal(expected, Assert.Single(configuration.ReadGood().Resolvers).ToString());
    }

    [Theory]
    [InlineData("dns.example")]
    [InlineData("192.0.2.53:99999")]
    [InlineData("192.0.2")]
    [InlineData("53")]
    public void Read_NoResolver_IsAnError(string resolver)
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$""" "Dns": { "Resolvers": [ "{{resolver}}" ] } """));

        Assert.StartsWith($"error: Dns:Resolvers:0 (appsettings.json:1): '{resolver}' is no address", Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoDomain_IsAWarning()
    {
        using var configuration = new ConfigurationFixture(Json.With("{}"));

        Assert.Equal(["warning: MtaSts:Domains: no domain is configured, so every request is answered with 404; add the first one"], configuration.Warnings());
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
