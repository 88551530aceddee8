using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class LettuceEncryptSectionTests : IDisposable
{
    private const string Shipped = """ "Acme": { "AcceptTermsOfService": false, "EmailAddress": "" } """;

    private readonly ConfigurationFixture _configuration = new();

    public void Dispose() => _configuration.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(Shipped)]
    [InlineData(""" "Acme": { "AcceptTermsOfService": "False" } """)]
    [InlineData(""" "Acme": {} """)]
    [InlineData(""" "Acme": null """)]
    [InlineData(""" "acme": { "DirectoryUrl": null } """)]
    public void Merge_NothingInAcme_ReadsTheSectionAsAcme(string acme)
    {
        Write(
            acme, """ "AcceptTermsOfService": true, "EmailAddress": "a@example.com", "KeyAlgorithm": "Es384", "UseStagingServer": true """);

        var settings = _configuration.ReadGood().Settings.Acme!;

        Assert.Equal("a@example.com", settings.EmailAddress);
        Assert.Equal(Acme.KeyAlgorithm.ES384, settings.KeyAlgorithm);
        Assert.Contains("staging", settings.Authorities[0].DirectoryUrl.AbsoluteUri, StringComparison.Ordinal);
        Assert.DoesNotContain(_configuration.Warnings(),
            warning => warning.StartsWith("warning: LettuceEncrypt (", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(""" "Acme": { "AcceptTermsOfService": true } """, true)]
    [InlineData(""" "Acme": { "EmailAddress": "b@example.com" } """, false)]
    [InlineData(""" "Acme": { "AcceptTermsOfService": false, "Preflight": true } """, false)]
    [InlineData(""" "Acme": { "Fallbacks": [] } """, false)]
    public void Merge_SomethingInAcme_ReadsAcmeAloneAndWarns(string acme, bool isOn)
    {
        Write(
            acme, "\n" + """ "AcceptTermsOfService": true, "EmailAddress": "a@example.com", "DomainNames": [ "a.example" ], "Nonsense": """
                + """1 """);

        var settings = _configuration.ReadGood().Settings.Acme;

        Assert.Equal(isOn, settings is not null);
        Assert.NotEqual("a@example.com", settings?.EmailAddress);
        Assert.Equal(
            ["warning: LettuceEncrypt (appsettings.json:3): is ignored, since there is an Acme section; move its keys to Acme, or take "
                + "one of the two out"],
            _configuration.Warnings().Where(warning => warning.Contains("LettuceEncrypt", StringComparison.Ordinal)));
    }

    [Fact]
    public void Merge_OwnFileOverTheShippedOne_IsRead()
    {
        _configuration.Folder.Write("appsettings.json", $$"""{ {{Json.HttpsEndpoints}}, {{Shipped}} }""");
        _configuration.Folder.Write("own/own.json",
            """{ "LettuceEncrypt": { "AcceptTermsOfService": true, "TrustedRootsFile": "root.pem" } }""");
        _configuration.ConfigFiles.Add("own/own.json");
        using var ca = new TestCa();
        _configuration.Folder.Write("own/root.pem", ca.RootPem);

        Assert.Equal(_configuration.Folder["own/root.pem"], _configuration.ReadGood().Settings.Acme!.Authorities[0].TrustedRootsFile);
    }

    [Fact]
    public void Merge_Environment_IsLaidOverTheFile()
    {
        Write(Shipped, """ "AcceptTermsOfService": true, "EmailAddress": "a@example.com" """);
        _configuration.Environment["LettuceEncrypt__EmailAddress"] = "b@example.com";

        Assert.Equal("b@example.com", _configuration.ReadGood().Settings.Acme!.EmailAddress);

        _configuration.Environment["LettuceEncrypt__EmailAddress"] = "b";

        Assert.Equal(
            ["error: LettuceEncrypt:EmailAddress (environment): 'b' is not an e-mail address; write one address such as "
            + "hostmaster@example.com, or leave it empty"], _configuration.Errors());
    }

    [Fact]
    public void Merge_AcmeOffOnTheCommandLine_IsTheOperatorsWord()
    {
        Write(Shipped, """ "AcceptTermsOfService": true """);
        _configuration.CommandLine.Add(new("Acme:AcceptTermsOfService", "false"));

        Assert.Null(_configuration.ReadGood().Settings.Acme);
    }

    [Theory]
    [InlineData(""" "Http01, TlsAlpn01" """, "http-01 tls-alpn-01")]
    [InlineData(""" "TlsAlpn01" """, "tls-alpn-01")]
    [InlineData(""" "any" """, "tls-alpn-01 http-01")]
    [InlineData(""" "" """, "tls-alpn-01 http-01")]
    [InlineData(""" [ "Http01" ] """, "http-01")]
    public void Merge_AllowedChallengeTypes_AreFlagsOrAList(string types, string expected)
    {
        Write(Shipped, $$""" "AcceptTermsOfService": true, "AllowedChallengeTypes": {{types}} """);

        Assert.Equal(expected, string.Join(' ', _configuration.ReadGood().Settings.Acme!.ChallengeTypes));
    }

    [Theory]
    [InlineData(""" "AllowedChallengeTypes": "Http01, Dns01" """, "LettuceEncrypt:AllowedChallengeTypes",
        "'Dns01' is not known here; use TlsAlpn01 or Http01")]
    [InlineData(""" "AllowedChallengeTypes": "Http01, Any" """, "LettuceEncrypt:AllowedChallengeTypes",
        "'Any' is not known here; use TlsAlpn01 or Http01")]
    [InlineData(""" "AllowedChallengeTypes": [ "Dns01" ] """, "LettuceEncrypt:AllowedChallengeTypes:0",
        "'Dns01' is not known here; use TlsAlpn01 or Http01")]
    [InlineData(""" "AcceptTermOfService": true """, "LettuceEncrypt:AcceptTermOfService",
        "'AcceptTermOfService' is not a setting; did you mean AcceptTermsOfService?")]
    [InlineData(""" "EabCredentials": { "EabKeyId": "a" } """, "LettuceEncrypt:EabCredentials:EabKey", "is not set")]
    [InlineData(""" "Fallbacks": [ { "DirectoryUri": "a" } ] """, "LettuceEncrypt:Fallbacks:0:DirectoryUri", "did you mean DirectoryUrl?")]
    [InlineData(""" "EmailAddress": [] """, "LettuceEncrypt:EmailAddress", "must be one value")]
    public void Merge_BadValue_IsAnErrorAtThePathThatWasWritten(string setting, string path, string message)
    {
        Write(Shipped, "\n" + setting);

        var error = Assert.Single(_configuration.Errors());

        Assert.StartsWith($"error: {path} (appsettings.json:3): ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_SectionThatIsNoObject_IsAnError()
    {
        _configuration.Folder.Write("appsettings.json", $$"""{ {{Json.HttpsEndpoints}}, "LettuceEncrypt": "yes" }""");

        Assert.StartsWith("error: LettuceEncrypt (appsettings.json:1): must be an object",
            Assert.Single(_configuration.Errors()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "DomainNames": [ "a.example", "b.example" ] """, "LettuceEncrypt:DomainNames", "the names come from MtaSts:Domains")]
    [InlineData(""" "DomainNames": [] """, "LettuceEncrypt:DomainNames", "the names come from MtaSts:Domains")]
    [InlineData(""" "RenewDaysInAdvance": "30.00:00:00" """, "LettuceEncrypt:RenewDaysInAdvance", "is ignored")]
    [InlineData(""" "RenewalCheckPeriod": "1.00:00:00" """, "LettuceEncrypt:RenewalCheckPeriod", "is ignored")]
    [InlineData(""" "AdditionalIssuers": [ "x" ] """, "LettuceEncrypt:AdditionalIssuers", "is ignored")]
    [InlineData(""" "FallbackCertificate": { "A": 1, "B": 2 } """, "LettuceEncrypt:FallbackCertificate", "is ignored")]
    [InlineData(""" "KeySize": 4096 """, "LettuceEncrypt:KeySize", "is ignored")]
    public void Merge_KeyOfLettuceEncryptAlone_IsOneWarning(string setting, string path, string message)
    {
        Write(Shipped, $""" "AcceptTermsOfService": true, {setting} """);

        Assert.NotNull(_configuration.ReadGood().Settings.Acme);
        var warning = Assert.Single(_configuration.Warnings(), warning => warning.Contains("LettuceEncrypt:", StringComparison.Ordinal)
            && !warning.Contains("AcceptTerms", StringComparison.Ordinal));
        Assert.StartsWith($"warning: {path} (appsettings.json:2): ", warning, StringComparison.Ordinal);
        Assert.Contains(message, warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    public void Merge_EmptySection_IsNothing(string section)
    {
        _configuration.Folder.Write("appsettings.json",
            $$"""{ {{Json.HttpsEndpoints}}, "Acme": { "EmailAddress": "b" }, "LettuceEncrypt": {{section}} }""");

        Assert.StartsWith("error: Acme:EmailAddress", Assert.Single(_configuration.Errors()), StringComparison.Ordinal);
        Assert.DoesNotContain(_configuration.Warnings(), warning => warning.Contains("LettuceEncrypt", StringComparison.Ordinal));
    }

    private void Write(string acme, string lettuceEncrypt) => _configuration.Folder.Write(
        "appsettings.json",
        $$"""
        { {{Json.HttpsEndpoints}}{{(acme.Length > 0 ? "," + acme : "")}},
        "LettuceEncrypt": { {{lettuceEncrypt}} } }
        """);
}
