using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class PublicHostTests
{
    [Theory]
    [InlineData("null", null)]
    [InlineData("\"\"", null)]
    [InlineData("[]", null)]
    [InlineData("\"STS.example.net.\"", "sts.example.net")]
    [InlineData("\"192.0.2.1\"", "192.0.2.1")]
    [InlineData("[ \"192.0.2.1\", \"2001:DB8::1\" ]", "192.0.2.1 2001:db8::1")]
    [InlineData("[ \"sts.example.net\" ]", "sts.example.net")]
    public void Read_NameOrAddresses_AreTaken(string json, string? expected)
    {
        using var configuration = new ConfigurationFixture(Json.With($$"""{ "PublicHost": {{json}} }"""));

        var host = configuration.ReadGood().Settings.PublicHost;

        Assert.Equal(expected, host is null ? null : host.Name?.Value ?? string.Join(' ', host.Addresses));
    }

    [Theory]
    [InlineData("\"sts\"", "MtaSts:PublicHost (appsettings.json:1): 'sts' is neither a host name nor an address")]
    [InlineData("\"https://sts.example.net\"", "MtaSts:PublicHost (appsettings.json:1): 'https://sts.example.net' is neither")]
    [InlineData("5", "MtaSts:PublicHost (appsettings.json:1): '5' is neither")]
    [InlineData("[ \"1.2.3\" ]", "MtaSts:PublicHost:0 (appsettings.json:1): '1.2.3' is neither")]
    [InlineData("\"010.0.0.1\"", "MtaSts:PublicHost (appsettings.json:1): '010.0.0.1' is neither")] // octal to some, decimal to others
    [InlineData("\"0x7f.0.0.1\"", "MtaSts:PublicHost (appsettings.json:1): '0x7f.0.0.1' is neither")]
    [InlineData("\"fe80::1%eth0\"", "MtaSts:PublicHost (appsettings.json:1): 'fe80::1%eth0' is neither")]
    [InlineData("[ \"a.example.net\", \"b.example.net\" ]", "MtaSts:PublicHost:1 (appsettings.json:1): is a second name")]
    [InlineData("[ \"a.example.net\", \"192.0.2.1\" ]", "MtaSts:PublicHost (appsettings.json:1): has a name and addresses")]
    public void Read_AnythingElse_IsAnError(string json, string error)
    {
        using var configuration = new ConfigurationFixture(Json.With($$"""{ "PublicHost": {{json}} }"""));

        Assert.StartsWith("error: " + error, Assert.Single(configuration.Errors()), StringComparison.Ordinal);
    }
}
