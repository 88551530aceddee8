using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Management.Health;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Tests.Transitions;

namespace MtaStsHost.Tests.Management.Health;

public sealed class CertificateAssessorTests
{
    private const string Host = "mta-sts.example.com";
    private const string Ca = "https://ca.example/dir";

    private static readonly ServedPolicy s_policy = Past.Served(PolicyMode.Enforce);
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(s_start);
    private readonly CertificateIndex _index = new();
    private readonly Live<AcmeSettings?> _acme = new(null);
    private readonly CertificateAssessor _assessor;

    public CertificateAssessorTests()
    {
        _assessor = new CertificateAssessor(new FileCertificates(), _index, _acme, _time);
        _acme.Replace(new AcmeSettings([new AuthoritySettings(new Uri(Ca), null, null)],
            "", ["http-01"], default, null, null, 8, true, 250));
    }

    [Fact]
    public void Assess_WithoutHttps_IsExternal() =>
        AssertIs("external", HealthState.Healthy, null, _assessor.Assess(s_policy, hasHttps: false));

    [Fact]
    public void Assess_NothingOrderedAndNoFile_IsNone()
    {
        _acme.Replace(null);

        AssertIs("none", HealthState.Unhealthy, "host-certificate", _assessor.Assess(s_policy, hasHttps: true));
    }

    [Fact]
    public void Assess_NotInTheStoreYet_IsPending() =>
        AssertIs("pending", HealthState.Degraded, "host-certificate", _assessor.Assess(s_policy, hasHttps: true));

    [Fact]
    public void Assess_Queued_IsPendingWithItsTime()
    {
        _index.Apply([new CertificateSummary(Host, null, null, null, s_start.AddHours(1), 1)]);
        var verdict = _assessor.Assess(s_policy, hasHttps: true);

        AssertIs("pending", HealthState.Degraded, "host-certificate", verdict);
        Assert.Equal(s_start.AddHours(1), verdict.Certificate.NextAttempt);
    }

    [Fact]
    public void Assess_LastOrderFailed_HasTheCAsWordsAndTheNextAttempt()
    {
        _index.Apply([new CertificateSummary(Host, null, null, FailureKind.Validation, s_start.AddMinutes(10), 1)]);
        var verdict = _assessor.Assess(s_policy, hasHttps: true,
            new CertificateRecord { Host = Host, Failure = new StoredFailure(2, 2, FailureKind.Validation, "unauthorized: no", s_start) });

        AssertIs("failed", HealthState.Unhealthy, "certificate-failed", verdict);
        Assert.Equal(("unauthorized: no", s_start.AddMinutes(10), "acme"),
            (verdict.Certificate.LastError, verdict.Certificate.NextAttempt, verdict.Certificate.Source));
        Assert.Contains("unauthorized: no", verdict.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains(Host, verdict.Findings[0].Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "valid", HealthState.Healthy, null)]
    [InlineData(71, "valid", HealthState.Healthy, null)]
    [InlineData(72, "expiring", HealthState.Degraded, "certificate-expiring")] // the last fifth of 90 days
    [InlineData(89, "expiring", HealthState.Degraded, "certificate-expiring")]
    [InlineData(90, "expired", HealthState.Unhealthy, "certificate-expired")]
    internal void Assess_Issued_GoesByTheShareOfItsLife(int day, string state, HealthState status, string? code)
    {
        Issue();
        _time.SetUtcNow(s_start.AddDays(day));

        AssertIs(state, status, code, _assessor.Assess(s_policy, hasHttps: true));
    }

    [Theory]
    [InlineData(81, null, "valid", HealthState.Healthy, null)]
    [InlineData(83, null, "valid", HealthState.Healthy, null)]
    [InlineData(84, null, "expiring", HealthState.Degraded, "certificate-expiring")] // a quarter of what was left
    [InlineData(81, FailureKind.Network, "expiring", HealthState.Degraded, "certificate-expiring")]
    [InlineData(90, null, "expired", HealthState.Unhealthy, "certificate-expired")]
    internal void Assess_CaWantsItRenewedLate_GoesByTheChosenTime(
        int day, string? failure, string state, HealthState status, string? code)
    {
        Issue(failure, renewAt: 81);
        _time.SetUtcNow(s_start.AddDays(day));

        AssertIs(state, status, code, _assessor.Assess(s_policy, hasHttps: true));
    }

    [Theory]
    [InlineData(10, "valid", HealthState.Degraded)]
    [InlineData(73, "expiring", HealthState.Degraded)]
    [InlineData(91, "expired", HealthState.Unhealthy)]
    internal void Assess_NothingIsOrderedAnyMore_ShowsTheCertificateAndThatItIsNotRenewed(int day, string state, HealthState status)
    {
        Issue(FailureKind.Network);
        _acme.Replace(null);
        _time.SetUtcNow(s_start.AddDays(day));
        var verdict = _assessor.Assess(s_policy, hasHttps: true, Record());

        Assert.Equal((state, status), (verdict.Certificate.State, verdict.Status));
        Assert.Equal("renewal-off", verdict.Findings[^1].Code);
        Assert.All(verdict.Findings, finding => Assert.Contains("Acme:AcceptTermsOfService", finding.Fix, StringComparison.Ordinal));
        // What failed before, and when it would be tried again, is not so any more.
        Assert.Equal((null, null, null),
            (verdict.Certificate.LastError, verdict.Certificate.NextAttempt, verdict.Certificate.RenewAt));
    }

    [Fact]
    public void Assess_NothingIsOrderedAnyMoreAndThereIsNoCertificate_IsNone()
    {
        _index.Apply([new CertificateSummary(Host, null, null, FailureKind.Validation, s_start.AddMinutes(10), 1)]);
        _acme.Replace(null);

        AssertIs("none", HealthState.Unhealthy, "host-certificate", _assessor.Assess(s_policy, hasHttps: true));
    }

    [Fact]
    public void Assess_FromAnotherCa_SaysSoUntilThereIsOneFromTheConfiguredCa()
    {
        Issue(directoryUrl: "https://staging.example/dir");
        var verdict = _assessor.Assess(s_policy, hasHttps: true);

        AssertIs("valid", HealthState.Degraded, "ca-changed", verdict);
        Assert.Contains("https://staging.example/dir", verdict.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains($"certificates renew {Host}", verdict.Findings[0].Fix, StringComparison.Ordinal);
        Issue();
        AssertIs("valid", HealthState.Healthy, null, _assessor.Assess(s_policy, hasHttps: true));
    }

    [Theory]
    [InlineData(null, "pending")]
    [InlineData(FailureKind.Validation, "failed")]
    internal void Assess_OrderInProgress_HasNoNextAttempt(string? failure, string state)
    {
        _index.Apply([new CertificateSummary(Host, null, null, failure, s_start.AddMinutes(-1), 1)]);
        var verdict = _assessor.Assess(s_policy, hasHttps: true);

        Assert.Equal((state, null), (verdict.Certificate.State, verdict.Certificate.NextAttempt));
    }

    [Fact]
    public void Assess_RenewalInProgressAfterAFailure_HasNoNextAttempt()
    {
        Issue(FailureKind.Network, dueAt: -1);

        Assert.Null(_assessor.Assess(s_policy, hasHttps: true, Record()).Certificate.NextAttempt);
    }

    [Fact]
    public void Assess_IssuedAndRenewalFails_IsHealthyWithTheErrorAndTheNextAttempt()
    {
        Issue(FailureKind.Network, dueAt: 61);
        _time.SetUtcNow(s_start.AddDays(60));
        var verdict = _assessor.Assess(s_policy, hasHttps: true, Record());

        AssertIs("valid", HealthState.Healthy, null, verdict);
        Assert.Equal(new CertificateHealth("valid", "acme", "CA", s_start.AddDays(90), s_start.AddDays(60), s_start.AddDays(61), "down"),
            verdict.Certificate);
    }

    [Fact]
    public void Remedy_EachKind_IsThere() => Assert.All(FailureKind.All, kind => Assert.NotEmpty(FailureKind.Remedy(kind, Host)));

    private static CertificateRecord Record() => new()
    {
        Host = Host,
        Certificate = new StoredCertificate("", "", "CA", s_start, s_start.AddDays(90), s_start, Ca, "", null),
        RenewAt = s_start.AddDays(60),
        Failure = new StoredFailure(1, 1, FailureKind.Network, "down", s_start),
    };

    /// <summary>A certificate of 90 days; the rest in days from its start.</summary>
    private void Issue(string? failure = null, double renewAt = 60, double dueAt = 85, string directoryUrl = Ca) => _index.Apply(
    [
        new CertificateSummary(Host, s_start, s_start.AddDays(90), failure, s_start.AddDays(dueAt), 1)
        {
            RenewAt = s_start.AddDays(renewAt), DirectoryUrl = directoryUrl,
        },
    ]);

    private static void AssertIs(string state, HealthState status, string? code, CertificateAssessment verdict)
    {
        Assert.Equal((state, status), (verdict.Certificate.State, verdict.Status));
        if (code is null) Assert.Empty(verdict.Findings);
        else Assert.Equal(code, Assert.Single(verdict.Findings).Code);
    }
}
