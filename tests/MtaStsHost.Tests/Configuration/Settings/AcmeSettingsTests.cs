using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class AcmeSettingsTests
{
    private const string Accepted = "\"AcceptTermsOfService\": true";

    [Fact]
    public void Read_OnlyTheTerms_GivesTheDefaults()
    {
        var acme = ReadGood(Accepted)!;

        var authority = Assert.Single(acme.Authorities);
        Assert.Equal("https://acme-v02.api.letsencrypt.org/directory", authority.DirectoryUrl.AbsoluteUri);
        Assert.Null(authority.TrustedRootsFile);
        Assert.Null(authority.Binding);
        Assert.Equal("", acme.EmailAddress);
        Assert.Equal(["tls-alpn-01", "http-01"], acme.ChallengeTypes);
        Assert.Equal(KeyAlgorithm.ES256, acme.KeyAlgorithm);
        Assert.Null(acme.PreferredChain);
        Assert.Null(acme.Profile);
        Assert.Equal(8, acme.MaxConcurrentOrders);
        Assert.True(acme.Preflight);
        Assert.Equal(250, acme.OrdersPerThreeHours);
    }

    [Fact]
    public void Read_EverySetting_IsTaken()
    {
        using var ca = new TestCa();
        using var configuration = Configuration(Accepted + """
            , "EmailAddress": "a+b@example.com", "DirectoryUrl": "https://ca.example:8443/dir", "TrustedRootsFile": "ca/root.pem",
            "AllowedChallengeTypes": [ "http01", "TLSALPN01" ], "KeyAlgorithm": "rs256", "PreferredChain": "ISRG Root X1", "Profile": "shortlived",
            "EabCredentials": { "EabKeyId": "kid", "EabKey": "c2VjcmV0", "EabKeyAlg": "hs512" },
            "Fallbacks": [ { "DirectoryUrl": "https://other.example/dir", "TrustedRootsFile": "ca/root.pem", "EabCredentials": { "EabKeyId": "k2", "EabKey": "c2VjcmV0" } } ],
            "MaxConcurrentOrders": 3, "Preflight": false, "OrdersPerThreeHours": 1000
            """);
        configuration.Folder.Write("ca/root.pem", ca.RootPem);

        var acme = configuration.ReadGood().Settings.Acme!;

        Assert.Equal(["https://ca.example:8443/dir", "https://other.example/dir"],
            acme.Authorities.Select(authority => authority.DirectoryUrl.AbsoluteUri));
        Assert.All(acme.Authorities, authority => Assert.Equal(configuration.Folder["ca/root.pem"], authority.TrustedRootsFile));
        Assert.Equal(["kid HS512", "k2 HS256"], acme.Authorities.Select(authority => authority.Binding!.ToString()));
        Assert.Equal("a+b@example.com", acme.EmailAddress);
        Assert.Equal(["http-01", "tls-alpn-01"], acme.ChallengeTypes);
        Assert.Equal((KeyAlgorithm.RS256, "ISRG Root X1", "shortlived"), (acme.KeyAlgorithm, acme.PreferredChain, acme.Profile));
        Assert.Equal((3, false, 1000), (acme.MaxConcurrentOrders, acme.Preflight, acme.OrdersPerThreeHours));
    }

    [Fact]
    public void Read_UseStagingServer_IsLetsEncryptsStaging() =>
        Assert.Equal("https://acme-staging-v02.api.letsencrypt.org/directory",
            ReadGood(Accepted + ", \"UseStagingServer\": true")!.Authorities[0].DirectoryUrl.AbsoluteUri);

    [Theory]
    [InlineData("\"DirectoryUrl\": \"http://ca.example/dir\"", "Acme:DirectoryUrl", "'http://ca.example/dir' is not an https URL")]
    [InlineData("\"DirectoryUrl\": \"/dir\"", "Acme:DirectoryUrl", "'/dir' is not an https URL")]
    [InlineData("\"DirectoryUrl\": \"https://user:x@ca.example/dir\"",
        "Acme:DirectoryUrl", "'https://user:x@ca.example/dir' is not an https URL")]
    [InlineData("\"DirectoryUrl\": \"https://ca.example/#a\"", "Acme:DirectoryUrl", "'https://ca.example/#a' is not an https URL")]
    [InlineData("\"UseStagingServer\": true, \"DirectoryUrl\": \"https://ca.example/dir\"",
        "Acme:UseStagingServer", "DirectoryUrl is set too")]
    [InlineData("\"UseStagingServer\": \"yes\"", "Acme:UseStagingServer", "'yes' is neither true nor false")]
    [InlineData("\"TrustedRootsFile\": \"none.pem\"", "Acme:TrustedRootsFile", "/none.pem can't be read; there is no such file")]
    [InlineData("\"TrustedRootsFile\": \"key.pem\"", "Acme:TrustedRootsFile", "/key.pem has no certificate in it")]
    [InlineData("\"TrustedRootsFile\": \"bad.pem\"", "Acme:TrustedRootsFile", "/bad.pem has a certificate that can't be read")]
    [InlineData("\"AllowedChallengeTypes\": []", "Acme:AllowedChallengeTypes", "is empty")]
    [InlineData("\"AllowedChallengeTypes\": [ \"Http01\", \"HTTP01\" ]", "Acme:AllowedChallengeTypes:1", "'HTTP01' is listed twice")]
    [InlineData("\"AllowedChallengeTypes\": [ \"Dns01\" ]", "Acme:AllowedChallengeTypes:0",
        "'Dns01' is not known here; use TlsAlpn01 or Http01")]
    [InlineData("\"KeyAlgorithm\": \"ES512\"", "Acme:KeyAlgorithm", "'ES512' is not known here; use ES256, ES384 or RS256")]
    [InlineData("\"PreferredChain\": \"a\\nb\"", "Acme:PreferredChain", "'a\\u000Ab' has characters that are not text")]
    [InlineData("\"Profile\": \"\\u001b\"", "Acme:Profile", "'\\u001B' has characters that are not text")]
    [InlineData("\"MaxConcurrentOrders\": 0", "Acme:MaxConcurrentOrders", "'0' is not a whole number from 1 to 1000")]
    [InlineData("\"MaxConcurrentOrders\": 1001", "Acme:MaxConcurrentOrders", "'1001' is not a whole number from 1 to 1000")]
    [InlineData("\"OrdersPerThreeHours\": 0", "Acme:OrdersPerThreeHours", "'0' is not a whole number from 1 to 10000000")]
    [InlineData("\"Preflight\": 1", "Acme:Preflight", "'1' is neither true nor false")]
    [InlineData("\"EabCredentials\": { \"EabKeyId\": \"a\" }", "Acme:EabCredentials:EabKey", "is not set, though other credentials are")]
    [InlineData("\"EabCredentials\": { \"EabKey\": \"YQ\" }", "Acme:EabCredentials:EabKeyId", "is not set, though other credentials are")]
    [InlineData("\"EabCredentials\": { \"EabKeyId\": \"a\", \"EabKey\": \"YQ\", \"EabKeyAlg\": \"HS1\" }",
        "Acme:EabCredentials:EabKeyAlg", "'HS1' is not known here")]
    [InlineData("\"EabCredentials\": { \"EabKeyId\": \"a\", \"EabKey\": \"hunter2!\" }", "Acme:EabCredentials", "the key is not base64url")]
    [InlineData("\"Fallbacks\": [ {} ]", "Acme:Fallbacks:0:DirectoryUrl", "is not set")]
    [InlineData("\"Fallbacks\": [ { \"TrustedRootsFile\": \"root.pem\" } ]", "Acme:Fallbacks:0:DirectoryUrl", "is not set")]
    [InlineData("\"Fallbacks\": [ { \"DirectoryUrl\": \"https://ACME-v02.api.letsencrypt.org:443/directory\" } ]",
        "Acme:Fallbacks:0:DirectoryUrl", "'https://ACME-v02.api.letsencrypt.org:443/directory' is listed already")]
    [InlineData(
        "\"Fallbacks\": [ { \"DirectoryUrl\": \"https://a.example/\" }, { \"DirectoryUrl\": \"https://a.example/\", "
        + "\"TrustedRootsFile\": \"root.pem\" } ]", "Acme:Fallbacks:1:DirectoryUrl", "'https://a.example/' is listed already")]
    public void Read_BadValue_IsOneErrorWithAndWithoutTheTerms(string setting, string path, string message)
    {
        foreach (var terms in new[] { "true", "false" })
        {
            using var ca = new TestCa();
            using var configuration = Configuration($"\"AcceptTermsOfService\": {terms}, {setting}");
            configuration.Folder.Write("root.pem", ca.RootPem);
            configuration.Folder.Write("key.pem", ca.Issue(["a.example"]).KeyPem);
            configuration.Folder.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

            var error = Assert.Single(configuration.Errors());

            Assert.StartsWith($"error: {path} (appsettings.json:1): ", error, StringComparison.Ordinal);
            Assert.Contains(message, error, StringComparison.Ordinal);
            Assert.Contains("; ", error, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_SameDirectoryWithOtherCredentials_IsGood()
    {
        const string Url = "\"DirectoryUrl\": \"https://ca.example/\"";
        var acme = ReadGood(
            $$"""{{Accepted}}, {{Url}}, "Fallbacks": [ { {{Url}}, "EabCredentials": { "EabKeyId": "a", "EabKey": "YQ" } }, { """
                + $$"""{{Url}}, "EabCredentials": { "EabKeyId": "b", "EabKey": "YQ" } } ]""");

        Assert.Equal(3, acme!.Authorities.Length);
    }

    [Theory]
    [InlineData("hostmaster@example.com", true)]
    [InlineData("first.last+tag?x@mail", true)]
    [InlineData("", true)]
    [InlineData("@example.com", false)]
    [InlineData("hostmaster@", false)]
    [InlineData("hostmaster", false)]
    [InlineData("a@b@example.com", false)]
    [InlineData("a b@example.com", false)]
    [InlineData("a@example.com,b@example.com", false)]
    [InlineData("a@example.com;", false)]
    [InlineData("mailto:a@example.com", false)]
    [InlineData("A <a@example.com>", false)]
    [InlineData("a@example.com\\u0000", false)]
    [InlineData("\\u00fc@example.com", false)]
    public void Read_EmailAddress_IsOneAddressOrNone(string address, bool isGood)
    {
        using var configuration = Configuration($"\"EmailAddress\": \"{address}\"");

        var errors = configuration.Errors();

        if (isGood) Assert.Empty(errors);
        else Assert.StartsWith("error: Acme:EmailAddress (appsettings.json:1): ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TermsWithoutHttps_IsAWarningAndNothing()
    {
        using var configuration = new ConfigurationFixture(Json.With("{}", $$""" "Acme": { {{Accepted}} } """));

        Assert.Null(configuration.ReadGood().Settings.Acme);
        Assert.Contains(configuration.Warnings(), warning =>
            warning.StartsWith(
            "warning: Acme:AcceptTermsOfService (appsettings.json:1): no certificates are ordered, since there is no Https endpoint; add "
            + "\"Https\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_NoTerms_IsNothingAndNoNoise()
    {
        using var configuration = Configuration("\"AcceptTermsOfService\": false, \"EmailAddress\": \"a@example.com\"");

        Assert.Null(configuration.ReadGood().Settings.Acme);
        Assert.DoesNotContain(configuration.Warnings(), warning => warning.Contains("Acme", StringComparison.Ordinal));
    }

    [Fact]
    public void Equals_ReadTwice_IsEqual()
    {
        const string Text = Accepted
            + """, "EabCredentials": { "EabKeyId": "a", "EabKey": "YQ" }, "Fallbacks": [ { "DirectoryUrl": "https://ca.example/" } ]""";
        var (one, two) = (ReadGood(Text), ReadGood(Text));

        Assert.NotSame(one, two);
        Assert.Equal(one, two);
        Assert.Equal(one!.GetHashCode(), two!.GetHashCode());
    }

    [Theory]
    [InlineData("\"EmailAddress\": \"a@example.com\"")]
    [InlineData("\"UseStagingServer\": true")]
    [InlineData("\"AllowedChallengeTypes\": [ \"Http01\", \"TlsAlpn01\" ]")]
    [InlineData("\"KeyAlgorithm\": \"ES384\"")]
    [InlineData("\"PreferredChain\": \"a\"")]
    [InlineData("\"Profile\": \"a\"")]
    [InlineData("\"MaxConcurrentOrders\": 9")]
    [InlineData("\"Preflight\": false")]
    [InlineData("\"OrdersPerThreeHours\": 251")]
    [InlineData("\"Fallbacks\": [ { \"DirectoryUrl\": \"https://ca.example/\" } ]")]
    [InlineData("\"EabCredentials\": { \"EabKeyId\": \"a\", \"EabKey\": \"YQ\" }")]
    public void Equals_OneSettingChanged_IsNotEqual(string setting) =>
        Assert.NotEqual(ReadGood(Accepted), ReadGood($"{Accepted}, {setting}"));

    [Theory]
    [InlineData("\"EabKeyId\": \"a\", \"EabKey\": \"YQ\"", true)]
    [InlineData("\"EabKeyId\": \"b\", \"EabKey\": \"YQ\"", false)]
    [InlineData("\"EabKeyId\": \"a\", \"EabKey\": \"Yg\"", false)]
    [InlineData("\"EabKeyId\": \"a\", \"EabKey\": \"YQ\", \"EabKeyAlg\": \"HS384\"", false)]
    public void Equals_OtherCredentials_AreSeen(string credentials, bool isEqual)
    {
        var one = ReadGood($$"""{{Accepted}}, "EabCredentials": { "EabKeyId": "a", "EabKey": "YQ" }""");
        var two = ReadGood($$"""{{Accepted}}, "EabCredentials": { {{credentials}} }""");

        Assert.Equal(isEqual, Equals(one, two));
    }

    [Fact]
    public void Replace_TheSameAgain_RaisesNothing()
    {
        var (current, raised) = (new Live<AcmeSettings?>(null), 0);
        current.Changed += () => raised++;

        current.Replace(ReadGood(Accepted));
        current.Replace(ReadGood(Accepted));
        Assert.Equal(1, raised);

        current.Replace(null);
        Assert.Equal(2, raised);
    }

    private static ConfigurationFixture Configuration(string acme) =>
        new($$"""{ {{Json.HttpsEndpoints}}, "Acme": { {{acme}} } }""");

    private static AcmeSettings? ReadGood(string acme)
    {
        using var configuration = Configuration(acme);
        return configuration.ReadGood().Settings.Acme;
    }
}
