using MtaStsHost.Certificates.Issuing;

namespace MtaStsHost.Tests.Certificates.Issuing;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(FailureKind.Network, 1, 1)]
    [InlineData(FailureKind.Network, 2, 10)]
    [InlineData(FailureKind.Server, 3, 100)]
    [InlineData(FailureKind.Server, 4, 1440)]
    [InlineData(FailureKind.Validation, 1, 1)]
    [InlineData(FailureKind.Validation, 99, 1440)]
    [InlineData(FailureKind.Refused, 1, 1440)]
    [InlineData(FailureKind.Account, 1, 1440)]
    [InlineData(FailureKind.RateLimited, 1, 60)]
    [InlineData(FailureKind.Preflight, 1, 1)]
    [InlineData(FailureKind.Preflight, 50, 60)]
    public void NextAttempt_ByKindAndAttempts_ClimbsItsLadder(string kind, int attempts, int minutes) =>
        Assert.Equal(s_now.AddMinutes(minutes), RetrySchedule.NextAttempt(kind, attempts, null, null, s_now, fraction: 0));

    [Fact]
    public void NextAttempt_Jitter_AddsAFifthAtMost()
    {
        Assert.Equal(s_now.AddMinutes(120), RetrySchedule.NextAttempt(FailureKind.Network, 3, null, null, s_now, fraction: 1));
        Assert.Equal(s_now.AddMinutes(110), RetrySchedule.NextAttempt(FailureKind.Network, 3, null, null, s_now, fraction: 0.5));
    }

    [Fact]
    public void NextAttempt_RetryAfter_IsHonoured() =>
        Assert.Equal(s_now.AddDays(2), RetrySchedule.NextAttempt(FailureKind.RateLimited,
            1, TimeSpan.FromDays(2), null, s_now, fraction: 0));

    [Fact]
    public void NextAttempt_RetryAfterShorterThanTheLadder_IsTheLadder() =>
        Assert.Equal(s_now.AddMinutes(100), RetrySchedule.NextAttempt(FailureKind.Server,
            3, TimeSpan.FromSeconds(5), null, s_now, fraction: 0));

    [Fact]
    public void NextAttempt_RetryAfterPastHalfOfTheLife_IsCutThere() =>
        Assert.Equal(s_now.AddDays(2), RetrySchedule.NextAttempt(FailureKind.RateLimited,
            1, TimeSpan.FromDays(6), s_now.AddDays(4), s_now, fraction: 0));

    [Theory]
    [InlineData(FailureKind.Server, 3650, 60)]
    [InlineData(FailureKind.RateLimited, 3650, 60)]
    [InlineData(FailureKind.Slow, 3650, 60)]
    [InlineData(FailureKind.Server, 2, 60)]
    [InlineData(FailureKind.RateLimited, 2, 2 * 1440)] // a limit that a CA may have
    public void NextAttempt_LongRetryAfterWithoutAValidCertificate_IsCutToAnHour(string kind, int days, int minutes)
    {
        foreach (var notAfter in (DateTimeOffset?[])[null, s_now, s_now.AddDays(-1)])
            Assert.Equal(s_now.AddMinutes(minutes),
                RetrySchedule.NextAttempt(kind, 1, TimeSpan.FromDays(days), notAfter, s_now, fraction: 0));
    }

    [Fact]
    public void NextAttempt_WhateverIsAsked_LiesWithinTheLongestWait()
    {
        foreach (var kind in FailureKind.All)
            Assert.InRange(RetrySchedule.NextAttempt(kind, 1000, TimeSpan.MaxValue, s_now.AddYears(1), s_now, fraction: 1),
                s_now.AddMinutes(1), s_now + RetrySchedule.LongestWait);
    }

    /// <summary>Let's Encrypt's limit is 5 an hour for a name and account.</summary>
    [Fact]
    public void NextAttempt_ValidationFailingForEver_IsUnderFiveInAnyHour()
    {
        var at = s_now;
        var times = new List<DateTimeOffset>();
        for (var attempts = 1; attempts < 20; attempts++)
        {
            times.Add(at);
            at = RetrySchedule.NextAttempt(FailureKind.Validation, attempts, null, null, at, fraction: 0);
        }

        Assert.All(times, start => Assert.InRange(times.Count(time => time >= start && time < start.AddHours(1)), 1, 4));
    }
}
