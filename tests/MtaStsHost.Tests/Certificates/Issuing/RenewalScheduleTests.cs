using Acme;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Certificates.Issuing;

public sealed class RenewalScheduleTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly AcmeSettings s_settings = new([new AuthoritySettings(new Uri("https://ca.example/dir"), null, null)],
        "", ["http-01"], default, null, null, 8, true, 250);

    [Theory]
    [InlineData(90 * 24, 60 * 24)] // a third is left
    [InlineData(45 * 24, 30 * 24)]
    [InlineData(160, 80)] // under ten days: half is left
    [InlineData(6 * 24, 3 * 24)]
    public void RenewAt_ByLife_LeavesAThirdOrHalf(int lifeHours, int afterHours) =>
        Assert.Equal(s_start.AddHours(afterHours), RenewalSchedule.RenewAt(s_start, s_start.AddHours(lifeHours)));

    [Fact]
    public void WantsOrder_WithoutCertificate_IsTrue() =>
        Assert.True(RenewalSchedule.WantsOrder(new CertificateRecord { Host = "mta-sts.example.com" }, s_settings, s_start));

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void WantsOrder_AtRenewAt_Begins(int days, bool wants) =>
        Assert.Equal(wants, RenewalSchedule.WantsOrder(Record(), s_settings, s_start.AddDays(days)));

    [Fact]
    public void WantsOrder_RevokedOrRequested_IsTrueAtOnce()
    {
        Assert.True(RenewalSchedule.WantsOrder(Record() with { RenewalRequested = true }, s_settings, s_start));
        Assert.True(RenewalSchedule.WantsOrder(Record() with { Certificate = Record().Certificate! with { RevokedAt = s_start } },
            s_settings, s_start));
    }

    [Fact]
    public void WantsOrder_FromACaThatIsNotConfigured_IsTrueAtOnce()
    {
        var other = s_settings with { Authorities = [new AuthoritySettings(new Uri("https://other.example/dir"), null, null)] };
        var fallback = s_settings with { Authorities = [.. other.Authorities, .. s_settings.Authorities] };

        Assert.True(RenewalSchedule.WantsOrder(Record(), other, s_start));
        Assert.False(RenewalSchedule.WantsOrder(Record(), fallback, s_start));
    }

    [Theory]
    [InlineData(90, null, 72)] // the last fifth
    [InlineData(90, 60, 72)]
    [InlineData(90, 72, 76.5)]
    [InlineData(90, 81, 83.25)] // as late as a CA can have it
    [InlineData(10, 5, 8)]
    public void LateAt_ByTheChosenTime_IsNotBeforeTheAttemptsHadTheirTime(int life, int? renewAt, double late) => Assert.Equal(
        s_start.AddDays(late),
        RenewalSchedule.LateAt(s_start, s_start.AddDays(life), renewAt is { } day ? s_start.AddDays(day) : null));

    [Fact]
    public void WithWindow_NewWindow_ChoosesATimeInIt()
    {
        var record = RenewalSchedule.WithWindow(Record(), Window(50, 60), s_start, fraction: 0.25);

        Assert.Equal(s_start.AddDays(52.5), record.RenewAt);
    }

    [Fact]
    public void WithWindow_SameWindow_KeepsTheTime()
    {
        var first = RenewalSchedule.WithWindow(Record(), Window(50, 60), s_start, fraction: 0.25);

        Assert.Equal(first.RenewAt, RenewalSchedule.WithWindow(first, Window(50, 60), s_start, fraction: 0.75).RenewAt);
        Assert.NotEqual(first.RenewAt, RenewalSchedule.WithWindow(first, Window(50, 61), s_start, fraction: 0.75).RenewAt);
    }

    [Fact]
    public void WithWindow_InThePast_RenewsNow() =>
        Assert.True(RenewalSchedule.WantsOrder(RenewalSchedule.WithWindow(Record(), Window(-5, -4), s_start.AddDays(1), fraction: 1),
            s_settings, s_start.AddDays(1)));

    [Fact]
    public void WithWindow_InThePastOfANewCertificate_WaitsAFewHours() =>
        Assert.Equal(s_start.AddDays(90 / 400.0),
            RenewalSchedule.WithWindow(Record(), Window(-5, -4), s_start.AddMinutes(1), fraction: 1).RenewAt);

    [Fact]
    public void WithWindow_PastTheEnd_StaysOutOfTheLastTenth() =>
        Assert.Equal(s_start.AddDays(81), RenewalSchedule.WithWindow(Record(), Window(100, 200), s_start, fraction: 0.5).RenewAt);

    [Theory]
    [InlineData(1, 60)] // a server that says "at once" is asked once a minute
    [InlineData(3 * 3600, 3 * 3600)]
    [InlineData(1_000_000, 12 * 3600)] // twice a day at least
    public void NextAsk_RetryAfter_IsHonouredWithinBounds(int retryAfter, int expected) =>
        Assert.Equal(s_start.AddSeconds(expected), RenewalSchedule.NextAsk(s_start, TimeSpan.FromSeconds(retryAfter), fraction: 0));

    [Fact]
    public void DueAt_EarlierOfRenewalAndQuestion()
    {
        var record = Record();
        Assert.Equal(record.RenewAt, RenewalSchedule.DueAt(record));
        Assert.Equal(s_start.AddDays(1), RenewalSchedule.DueAt(record with { AskWindowAt = s_start.AddDays(1) }));
        Assert.Equal(record.RenewAt, RenewalSchedule.DueAt(record with { AskWindowAt = s_start.AddDays(61) }));
    }

    private static CertificateRecord Record() => new()
    {
        Host = "mta-sts.example.com",
        Certificate = new StoredCertificate("", "", "CA", s_start, s_start.AddDays(90),
            s_start, "https://ca.example/dir", "https://ca.example/1", null),
        RenewAt = s_start.AddDays(60),
    };

    private static RenewalInfo Window(double from, double to) => new() { Start = s_start.AddDays(from), End = s_start.AddDays(to) };
}
