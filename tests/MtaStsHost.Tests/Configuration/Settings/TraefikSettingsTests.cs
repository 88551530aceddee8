using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

public sealed class TraefikSettingsTests
{
    private readonly ConfigurationTree _tree = new();
    private readonly ProblemList _problems = new();

    [Fact]
    public void Read_NothingSet_HasTraefiksUsualNames()
    {
        var settings = Read();

        Assert.Equal(["websecure"], settings.EntryPoints);
        Assert.Null(settings.CertResolver);
        Assert.Null(settings.ServiceUrl);
        Assert.Equal("mta-sts-", settings.RouterPrefix);
    }

    [Fact]
    public void Read_AllSet_IsTaken()
    {
        Set("Traefik:EntryPoints:1", "https-v6");
        Set("Traefik:EntryPoints:0", "https_v4");
        Set("Traefik:EntryPoints:2", "https-v6");
        Set("Traefik:CertResolver", "le.prod");
        Set("Traefik:ServiceUrl", "http://mtastshost:8080/");
        Set("Traefik:RouterPrefix", "sts.");
        var settings = Read();

        Assert.Empty(_problems.Errors);
        Assert.Equal(["https_v4", "https-v6"], settings.EntryPoints);
        Assert.Equal("le.prod", settings.CertResolver);
        Assert.Equal("http://mtastshost:8080", settings.ServiceUrl);
        Assert.Equal("sts.", settings.RouterPrefix);
    }

    [Theory]
    [InlineData("http://10.0.0.1", "http://10.0.0.1:80")]
    [InlineData("HTTP://Host.Example:8080", "http://host.example:8080")]
    [InlineData("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080")]
    [InlineData("http://mta_sts:8080", "http://mta_sts:8080")]
    [InlineData("h2c://mtastshost:8080", "h2c://mtastshost:8080")]
    [InlineData("http://bücher.example:8080", "http://xn--bcher-kva.example:8080")]
    public void Read_ServiceUrl_IsAnAddress(string text, string expected)
    {
        Set("Traefik:ServiceUrl", text);

        Assert.Equal(expected, Read().ServiceUrl);
        Assert.Empty(_problems.Errors);
    }

    [Theory]
    [InlineData("mtastshost:8080")]
    [InlineData("//mtastshost:8080")]
    [InlineData("http://")]
    [InlineData("http://:8080")]
    [InlineData("http://mtastshost:99999")]
    [InlineData("http://mtastshost:0")]
    [InlineData("http://mtastshost:8080/policies")]
    [InlineData("http://mtastshost:8080/?a=b")]
    [InlineData("http://mtastshost:8080/?")]
    [InlineData("http://mtastshost:8080/#a")]
    [InlineData("http://user:secret@mtastshost:8080")]
    [InlineData("https://mtastshost:443")]
    [InlineData("ftp://mtastshost")]
    [InlineData("unix:/run/mtastshost.sock")]
    [InlineData("http://a\"b:8080")]
    [InlineData("h2c://a\"b:8080")]
    [InlineData("h2c://a`b:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080")]
    public void Read_NoServiceUrl_IsAnErrorWithItsRemedy(string text)
    {
        Set("Traefik:ServiceUrl", text);
        Read();

        var error = Assert.Single(_problems.Errors).ToString();
        Assert.StartsWith("error: Traefik:ServiceUrl (appsettings.json:7): '", error, StringComparison.Ordinal);
        Assert.EndsWith(
            "; write http://, the name or address under which Traefik reaches it, and the port, such as http://mtastshost:8080",
            error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Traefik:RouterPrefix", "a@b", "no beginning of a router's name")]
    [InlineData("Traefik:RouterPrefix", "a b", "no beginning of a router's name")]
    [InlineData("Traefik:RouterPrefix", "a/b", "no beginning of a router's name")]
    [InlineData("Traefik:RouterPrefix", "ä", "no beginning of a router's name")]
    [InlineData("Traefik:CertResolver", "le@file", "no name of a certificate resolver")]
    [InlineData("Traefik:EntryPoints:0", "", "no name of an entry point")]
    [InlineData("Traefik:EntryPoints:0", " ", "no name of an entry point")]
    [InlineData("Traefik:EntryPoints:0", "web,websecure", "no name of an entry point")]
    [InlineData("Traefik:EntryPoints:0", ":443", "no name of an entry point")]
    public void Read_NoName_IsAnErrorAtIt(string path, string text, string expected)
    {
        Set(path, text);
        Read();

        Assert.StartsWith($"error: {path} (appsettings.json:7): '{text}' is {expected}; ",
            Assert.Single(_problems.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EmptyListOfEntryPoints_IsAnError()
    {
        _tree.Values["Traefik:EntryPoints"] = new SettingValue(null, SettingKind.EmptyList,
            new ConfigurationLayer("appsettings.json", "/"), 7);
        Read();

        Assert.StartsWith("error: Traefik:EntryPoints (appsettings.json:7): is empty; ",
            Assert.Single(_problems.Errors).ToString(), StringComparison.Ordinal);
    }

    private TraefikSettings Read() => TraefikSettings.Read(new SettingsReader(_tree, _problems));

    private void Set(string path, string text) =>
        _tree.Values[path] = new SettingValue(text, SettingKind.Text, new ConfigurationLayer("appsettings.json", "/"), 7);
}
