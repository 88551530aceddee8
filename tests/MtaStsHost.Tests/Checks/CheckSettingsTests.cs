using MtaStsHost.Checks;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks;

public sealed class CheckSettingsTests : IDisposable
{
    private readonly ConfigurationFixture _configuration = new();
    private readonly TestCa _ca = new();

    public void Dispose()
    {
        _configuration.Dispose();
        _ca.Dispose();
    }

    [Theory]
    [InlineData("Timeout", "00:00:01", null)]
    [InlineData("Timeout", "00:05:00", null)]
    [InlineData("Timeout", "00:00:00.5", "is no time from 00:00:01 to 00:05:00")]
    [InlineData("Timeout", "00:05:01", "is no time from")]
    [InlineData("Timeout", "60", "is no time from")] // to TimeSpan, 60 days
    [InlineData("Timeout", "soon", "is no time from")]
    [InlineData("Interval", "00:01:00", null)]
    [InlineData("Interval", "7.00:00:00", null)]
    [InlineData("Interval", "00:00:59", "is no time from 00:01:00 to 7.00:00:00")]
    [InlineData("Interval", "7.00:00:01", "is no time from")]
    [InlineData("Interval", "1", "is no time from")]
    [InlineData("Enabled", "false", null)]
    [InlineData("Enabled", "no", "is neither true nor false")]
    [InlineData("SmtpPort", "65535", null)]
    [InlineData("SmtpPort", "0", "is no whole number from 1 to 65535")]
    [InlineData("HttpsPort", "65536", "is no whole number from 1 to 65535")]
    [InlineData("TrustedRootsFile", "roots.pem", null)]
    [InlineData("TrustedRootsFile", "none.pem", "can't be read; there is no such file")]
    [InlineData("TrustedRootsFile", "empty.pem", "has no certificate in it; name a file of PEM certificates")]
    [InlineData("TrustedRootsFile", "bad.pem", "can't be read; let it be PEM certificates")]
    public void Read_Value_IsTakenOrHasOneErrorWithItsRemedy(string key, string value, string? expected)
    {
        _configuration.Folder.Write("roots.pem", _ca.RootPem);
        _configuration.Folder.Write("empty.pem", "nothing");
        _configuration.Folder.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        _configuration.Folder.Write("appsettings.json", $$"""{ "Checks": { "{{key}}": "{{value}}" } }""");
        var problems = new ProblemList();

        CheckSettings.Read(new SettingsReader(_configuration.Loader().LoadWithoutIncludes(), problems));

        if (expected is null) Assert.Empty(problems.Errors);
        else Assert.Contains(expected, Assert.Single(problems.Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "can't be read")]
    [InlineData("", "has no certificate in it")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "can't be read")]
    public void TryLoadRoots_FileThatHasGoneBad_IsTold(string? content, string expected)
    {
        var file = _configuration.Folder.Write("roots.pem", _ca.RootPem);
        var settings = CheckSettings.Default with { TrustedRootsFile = file };
        Assert.True(settings.TryLoadRoots(out var roots, out _));
        Assert.Single(roots!);

        if (content is null) File.Delete(file);
        else File.WriteAllText(file, content);

        Assert.False(settings.TryLoadRoots(out _, out var fault));
        Assert.Contains(expected, fault.What, StringComparison.Ordinal);
        Assert.NotEmpty(fault.Remedy);
    }

    [Fact]
    public void TryLoadRoots_NoFile_AreTheSystems()
    {
        Assert.True(CheckSettings.Default.TryLoadRoots(out var roots, out _));
        Assert.Null(roots);
    }

    [Fact]
    public void Read_Nothing_GivesTheDefaults()
    {
        _configuration.Folder.Write("appsettings.json", "{}");

        Assert.Equal(CheckSettings.Default,
            CheckSettings.Read(new SettingsReader(_configuration.Loader().LoadWithoutIncludes(), new ProblemList())));
    }
}
