using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class ActiveSettingsTests : IDisposable
{
    private readonly ConfigurationFixture _configuration = new("""
        { "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8080" } } },
          "MtaSts": {
            "Defaults": { "Mode": "testing" },
            "Domains": { "example.com": { "Mx": [ "mail.example.com" ] } },
            "PublicHost": "sts.example.net" },
          "Tls": { "Certificates": [
            { "Path": "a.pem", "Password": "hunter2" } ] },
          "Acme": { "EabCredentials": { "EabKeyId": "id", "EabKey": "hunter2" }, "DirectoryUrl": "https://user:hunter2@ca.example/" },
          "Storage": { "ConnectionString": "Host=db;Password=hunter2;Username=a" },
          "Serilog": { "MinimumLevel": "Debug" } }
        """);

    public void Dispose() => _configuration.Dispose();

    [Theory]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://*:8080", "appsettings.json:1")]
    [InlineData("Kestrel:Endpoints:Http:ProxyProtocol", "false", "")]
    [InlineData("MtaSts:Defaults:Mode", "testing", "appsettings.json:3")]
    [InlineData("MtaSts:Domains:example.com:Mx:0", "mail.example.com", "appsettings.json:4")]
    [InlineData("MtaSts:Retirement", "On", "")]
    [InlineData("MtaSts:PublicHost", "sts.example.net", "appsettings.json:5")]
    [InlineData("Tls:Certificates:0:Path", "a.pem", "appsettings.json:7")]
    [InlineData("Tls:Certificates:0:Password", "***", "appsettings.json:7")]
    [InlineData("Acme:EabCredentials:EabKeyId", "id", "appsettings.json:8")]
    [InlineData("Acme:EabCredentials:EabKey", "***", "appsettings.json:8")]
    [InlineData("Acme:DirectoryUrl", "https://***@ca.example/", "appsettings.json:8")]
    [InlineData("Acme:AllowedChallengeTypes:1", "Http01", "")]
    [InlineData("Storage:ConnectionString", "Host=db;Password=***;Username=a", "appsettings.json:9")]
    [InlineData("Serilog:MinimumLevel:Default", "Debug", "appsettings.json:10")]
    [InlineData("Checks:Interval", "00:05:00", "environment")]
    [InlineData("Checks:Timeout", "00:00:09", "command line")]
    [InlineData("Checks:TrustedRootsFile", null, "")]
    [InlineData("Dns:Resolvers", null, "")]
    public void Of_Setting_HasItsValueAndOrigin(string path, string? value, string origin)
    {
        _configuration.Environment["Checks__Interval"] = "00:05:00";
        _configuration.CommandLine.Add(new("Checks:Timeout", "00:00:09"));

        var setting = Assert.Single(ActiveSettings.Of(_configuration.Load().Tree), setting => setting.Path == path);

        Assert.Equal((value, origin), (setting.Value, setting.Origin.ToString()));
    }

    [Fact]
    public void Of_AnySetting_ShowsNoSecret() =>
        Assert.DoesNotContain(ActiveSettings.Of(_configuration.Load().Tree), setting =>
            setting.Value?.Contains("hunter2", StringComparison.Ordinal) == true);

    [Theory]
    [InlineData("Password='hunter2;hunter2';Host=db", "Password=***;Host=db")]
    [InlineData("host=db; PWD = \"hunter2;\" ;a=b", "host=db; PWD=*** ;a=b")]
    [InlineData("Data Source=x.db", "Data Source=x.db")]
    public void Of_ConnectionString_HidesThePasswordAlone(string text, string expected)
    {
        _configuration.Environment["Storage__ConnectionString"] = text;

        Assert.Equal(expected, ActiveSettings.Of(_configuration.Load().Tree)
            .Single(setting => setting.Path == "Storage:ConnectionString").Value);
    }
}
