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

    private static readonly ServedPolicy s_policy = Past.Served(PolicyMode.Enforce);
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(s_start);
    private readonly CertificateIndex _index = new();
    private readonly Live<AcmeSettings?> _acme = new(null);
    private readonly CertificateAssessor _assessor;

    public CertificateAssessorTests()
    {
        _assessor = new CertificateAssessor(new FileCertificates(), _index, _acme, _time);
        _acme.Replace(new AcmeSettings([new AuthoritySettings(new Uri("https://ca.example/dir"), null, null)],
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
        _index.Apply([new CertificateSummary(Host, s_start, s_start.AddDays(90), null, s_start.AddDays(60), 1)]);
        _time.SetUtcNow(s_start.AddDays(day));

        AssertIs(state, status, code, _assessor.Assess(s_policy, hasHttps: true));
    }

    [Fact]
    public void Assess_IssuedAndRenewalFails_IsHealthyWithTheErrorAndTheNextAttempt()
    {
        _index.Apply([new CertificateSummary(Host, s_start, s_start.AddDays(90), FailureKind.Network, s_start.AddDays(61), 1)]);
        _time.SetUtcNow(s_start.AddDays(60));
        var record = new CertificateRecord
        {
            Host = Host,
            Certificate = new StoredCertificate("", "", "CA", s_start, s_start.AddDays(90), s_start, "", "", null),
            RenewAt = s_start.AddDays(60),
            Failure = new StoredFailure(1, 1, FailureKind.Network, "down", s_start),
        };
        var verdict = _assessor.Assess(s_policy, hasHttps: true, record);

        AssertIs("valid", HealthState.Healthy, null, verdict);
        Assert.Equal(new CertificateHealth("valid", "acme", "CA", s_start.AddDays(90), s_start.AddDays(60), s_start.AddDays(61), "down"),
            verdict.Certificate);
    }

    [Fact]
    public void Remedy_EachKind_IsThere() => Assert.All(FailureKind.All, kind => Assert.NotEmpty(FailureKind.Remedy(kind, Host)));

    private static void AssertIs(string state, HealthState status, string? code, CertificateAssessment verdict)
    {
        Assert.Equal((state, status), (verdict.Certificate.State, verdict.Status));
        if (code is null) Assert.Empty(verdict.Findings);
        else Assert.Equal(code, Assert.Single(verdict.Findings).Code);
    }
}
