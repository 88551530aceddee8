using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class KnownSettingsTests
{
    [Theory]
    [InlineData("\"MtaSts\": {\n \"Domain\": {} }", "MtaSts:Domain", "'Domain' is not a setting; did you mean Domains?")]
    [InlineData("\"MtaSts\": {\n \"Includes\": [ \"a\" ] }", "MtaSts:Includes", "'Includes' is not a setting; did you mean Include?")]
    [InlineData("\"MtaSts\": {\n \"PublicHosts\": [ \"a\", \"b\" ] }",
        "MtaSts:PublicHosts", "'PublicHosts' is not a setting; did you mean PublicHost?")]
    [InlineData("\"MtaSts\": {\n \"Default\": { \"Mode\": \"none\", \"MaxAge\": 1 } }",
        "MtaSts:Default", "'Default' is not a setting; did you mean Defaults?")]
    [InlineData("\"Tls\": {\n \"Certificate\": [ { \"Path\": \"a\", \"KeyPath\": \"b\" } ] }",
        "Tls:Certificate", "'Certificate' is not a setting; did you mean Certificates?")]
    [InlineData("\"Acme\": {\n \"AcceptTermOfService\": true }", "Acme:AcceptTermOfService",
        "'AcceptTermOfService' is not a setting; did you mean AcceptTermsOfService?")]
    [InlineData("\"Acme\": { \"EabCredentials\": {\n \"KeyId\": \"a\" } }",
        "Acme:EabCredentials:KeyId", "'KeyId' is not a setting; did you mean EabKeyId?")]
    [InlineData("\"Acme\": { \"Fallbacks\": [ {\n \"DirectoryUri\": \"a\" } ] }",
        "Acme:Fallbacks:0:DirectoryUri", "'DirectoryUri' is not a setting; did you mean DirectoryUrl?")]
    [InlineData("\"Dns\": {\n \"Resolver\": [] }", "Dns:Resolver", "'Resolver' is not a setting; did you mean Resolvers?")]
    [InlineData("\"Storage\": {\n \"Connection\": \"\" }", "Storage:Connection",
        "'Connection' is not a setting; did you mean ConnectionString?")]
    [InlineData("\"storage\": {\n \"\": \"\" }", "storage:",
        "'' is not a setting; take it out, or use one of Provider, ConnectionString")]
    [InlineData("\"Acme\": {\n \"Email\": \"a@example.com\" }", "Acme:Email", "'Email' is not a setting; did you mean EmailAddress?")]
    [InlineData("\"Acme\": {\n \"Staging\": true }", "Acme:Staging", "'Staging' is not a setting; did you mean UseStagingServer?")]
    [InlineData("\"MtaSts\": {\n \"example.org\": { \"Mode\": \"testing\", \"Mx\": [ \"a\" ] } }", "MtaSts:example.org",
        "'example.org' is a domain outside of MtaSts:Domains; move it there: \"MtaSts\": { \"Domains\": { \"example.org\": … } }")]
    [InlineData("\n\"Domains\": { \"example.org\": { \"Mode\": \"testing\" } }", "Domains",
        "is outside of MtaSts, and would be ignored; move it into that section: \"MtaSts\": { \"Domains\": … }")]
    [InlineData("\n\"domains\": {}", "domains",
        "is outside of MtaSts, and would be ignored; move it into that section: \"MtaSts\": { \"Domains\": … }")]
    [InlineData("\n\"Include\": [ \"a.json\" ]", "Include",
        "is outside of MtaSts, and would be ignored; move it into that section: \"MtaSts\": { \"Include\": … }")]
    public void Check_UnknownKeyInAStrictSection_IsOneErrorThatNamesTheNearest(string section, string path, string message)
    {
        using var configuration = new ConfigurationFixture($$"""{ {{Json.Endpoints}}, {{section}} }""");

        Assert.Equal([$"error: {path} (appsettings.json:2): {message}"], configuration.Errors());
    }

    [Fact]
    public void Check_UnknownKeyInTlsCertificates_NamesTheNearest()
    {
        using var configuration = new ConfigurationFixture(
            $$"""{ {{Json.Endpoints}}, "Tls": { "Certificates": [ { "Path": "a.pem", "KeyFile": "b.pem" } ] } }""");

        Assert.Contains("error: Tls:Certificates:0:KeyFile (appsettings.json:1): 'KeyFile' is not a setting; did you mean KeyPath?",
            configuration.Errors());
    }

    [Theory]
    [InlineData("\"Serilog\": { \"MinimumLevl\": \"Debug\" }", "Serilog:MinimumLevl")]
    [InlineData("\"ForwardedHeaders\": { \"KnownNetwork\": [ \"10.0.0.0/8\" ] }", "ForwardedHeaders:KnownNetwork")]
    [InlineData("\"example.org\": { \"Mode\": \"testing\" }", "example.org")]
    [InlineData("\"MtaStss\": { \"Domains\": { \"a.example\": {} } }", "MtaStss")]
    public void Check_UnknownKeyElsewhere_IsAWarning(string section, string path)
    {
        using var configuration = new ConfigurationFixture($$"""{ {{Json.Endpoints}}, {{section}} }""");

        Assert.Empty(configuration.Errors());
        Assert.Contains(configuration.Warnings(), warning =>
            warning.StartsWith($"warning: {path} (appsettings.json:1): ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"Logging\": { \"LogLevel\": { \"Default\": \"Information\" } }, \"AllowedHosts\": \"*\", \"$schema\": \"x\"")]
    [InlineData("\"Serilog\": { \"MinimumLevel\": { \"Override\": { \"Microsoft.AspNetCore\": \"Warning\" } } }")]
    [InlineData("\"Tls\": null, \"Acme\": {}, \"Dns\": { \"Resolvers\": null }, \"Storage\": { \"Provider\": null }")]
    [InlineData(
        "\"Tls\": { \"Certificates\": [] }, \"MtaSts\": { \"Include\": [], \"Domains\": {}, \"Defaults\": {}, \"PublicHost\": [] }")]
    [InlineData("\"MtaSts\": { \"Include\": null, \"Domains\": null, \"Defaults\": null, \"PublicHost\": null }")]
    public void Check_KnownAndForeignSections_AreNotReported(string section)
    {
        using var configuration = new ConfigurationFixture($$"""{ {{Json.Endpoints}}, {{section}} }""");

        Assert.Empty(configuration.Errors());
        Assert.DoesNotContain(configuration.Warnings(), warning => !warning.Contains("no domain is configured", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"MtaSts\": 5", "MtaSts", "must be an object")]
    [InlineData("\"MtaSts\": []", "MtaSts", "must be an object")]
    [InlineData("\"MtaSts\": { \"Domains\": [] }", "MtaSts:Domains", "must be an object")]
    [InlineData("\"MtaSts\": { \"Domains\": [ \"a.example\" ] }", "MtaSts:Domains", "must be an object")]
    [InlineData("\"MtaSts\": { \"Domains\": [ { \"Mode\": \"none\", \"MaxAge\": 1 } ] }", "MtaSts:Domains", "must be an object")]
    [InlineData("\"MtaSts\": { \"Defaults\": [ \"none\" ] }", "MtaSts:Defaults", "must be an object")]
    [InlineData("\"MtaSts\": { \"Include\": \"domains.d/*.json\" }", "MtaSts:Include", "must be a list")]
    [InlineData("\"MtaSts\": { \"Include\": {} }", "MtaSts:Include", "must be a list")]
    [InlineData("\"MtaSts\": { \"Include\": { \"a\": \"b\" } }", "MtaSts:Include", "must be a list")]
    [InlineData("\"MtaSts\": { \"Include\": [ {} ] }", "MtaSts:Include:0", "must be one value")]
    [InlineData("\"MtaSts\": { \"Include\": [ [ \"a\" ] ] }", "MtaSts:Include:0", "must be one value")]
    [InlineData("\"MtaSts\": { \"PublicHost\": {} }", "MtaSts:PublicHost", "must be")]
    [InlineData("\"Tls\": true", "Tls", "must be an object")]
    [InlineData("\"Tls\": { \"Certificates\": \"a.pem\" }", "Tls:Certificates", "must be a list")]
    [InlineData("\"Tls\": { \"Certificates\": { \"Path\": \"a.pem\" } }", "Tls:Certificates", "must be a list")]
    [InlineData("\"Tls\": { \"Certificates\": [ \"a.pem\" ] }", "Tls:Certificates:0", "must be an object")]
    [InlineData("\"Tls\": { \"Certificates\": [ [] ] }", "Tls:Certificates:0", "must be an object")]
    [InlineData("\"Acme\": { \"EmailAddress\": [] }", "Acme:EmailAddress", "must be one value")]
    [InlineData("\"Acme\": { \"EmailAddress\": {} }", "Acme:EmailAddress", "must be one value")]
    [InlineData("\"Acme\": { \"EmailAddress\": [ \"a\" ] }", "Acme:EmailAddress", "must be one value")]
    [InlineData("\"Acme\": { \"EabCredentials\": \"secret\" }", "Acme:EabCredentials", "must be an object")]
    [InlineData("\"Dns\": { \"Resolvers\": \"192.0.2.53\" }", "Dns:Resolvers", "must be a list")]
    [InlineData("\"ForwardedHeaders\": { \"KnownNetworks\": \"10.0.0.0/8\" }", "ForwardedHeaders:KnownNetworks", "must be a list")]
    public void Check_AnotherKindOfValue_IsOneErrorAtIt(string section, string path, string message)
    {
        using var configuration = new ConfigurationFixture($$"""{ {{Json.Endpoints}}, {{section}} }""");

        var error = Assert.Single(configuration.Errors());

        Assert.StartsWith($"error: {path} (appsettings.json:1): {message}", error, StringComparison.Ordinal);
    }
}
