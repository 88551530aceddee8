using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class CheckSettingsTests : IDisposable
{
    private readonly ConfigurationFixture _configuration = new();

    public void Dispose() => _configuration.Dispose();

    [Theory]
    [InlineData("Timeout", "00:00:01", null)]
    [InlineData("Timeout", "00:05:00", null)]
    [InlineData("Timeout", "00:00:00.5", "is not a time from 00:00:01 to 00:05:00")]
    [InlineData("Timeout", "00:05:01", "is not a time from")]
    [InlineData("Timeout", "60", "is not a time from")] // to TimeSpan, 60 days
    [InlineData("Timeout", "soon", "is not a time from")]
    [InlineData("Interval", "00:01:00", null)]
    [InlineData("Interval", "7.00:00:00", null)]
    [InlineData("Interval", "00:00:59", "is not a time from 00:01:00 to 7.00:00:00")]
    [InlineData("Interval", "7.00:00:01", "is not a time from")]
    [InlineData("Interval", "1", "is not a time from")]
    [InlineData("Enabled", "false", null)]
    [InlineData("Enabled", "no", "is neither true nor false")]
    [InlineData("SmtpPort", "65535", null)]
    [InlineData("SmtpPort", "0", "is not a whole number from 1 to 65535")]
    [InlineData("HttpsPort", "65536", "is not a whole number from 1 to 65535")]
    [InlineData("TrustedRootsFile", "roots.pem", null)]
    public void Read_Value_IsTakenOrHasOneErrorWithItsRemedy(string key, string value, string? expected)
    {
        _configuration.Folder.Write("appsettings.json", $$"""{ "Checks": { "{{key}}": "{{value}}" } }""");
        var problems = new ProblemList();

        CheckSettings.Read(new SettingsReader(_configuration.Loader().LoadWithoutIncludes(), problems));

        if (expected is null) Assert.Empty(problems.Errors);
        else Assert.Contains(expected, Assert.Single(problems.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Nothing_GivesTheDefaults()
    {
        _configuration.Folder.Write("appsettings.json", "{}");

        Assert.Equal(CheckSettings.Default,
            CheckSettings.Read(new SettingsReader(_configuration.Loader().LoadWithoutIncludes(), new ProblemList())));
    }
}
