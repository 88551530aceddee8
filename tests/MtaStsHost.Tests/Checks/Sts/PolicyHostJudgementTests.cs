using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MtaSts;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Sts;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class PolicyHostJudgementTests
{
    private static readonly IPAddress s_v4 = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_v6 = IPAddress.Parse("2001:db8::1");

    [Theory]
    [InlineData(PolicyFetchFailure.HostNotFound, "host-missing")]
    [InlineData(PolicyFetchFailure.ResolutionFailed, "host-missing")]
    [InlineData(PolicyFetchFailure.Unreachable, "host-unreachable")]
    [InlineData(PolicyFetchFailure.TlsHandshake, "host-tls")]
    [InlineData(PolicyFetchFailure.CertificateUntrusted, "host-certificate")]
    [InlineData(PolicyFetchFailure.CertificateName, "host-certificate")]
    [InlineData(PolicyFetchFailure.CertificateExpired, "host-certificate")]
    [InlineData(PolicyFetchFailure.Timeout, "host-unreachable")]
    [InlineData(PolicyFetchFailure.ConnectionLost, "host-unreachable")]
    [InlineData(PolicyFetchFailure.Protocol, "policy-status")]
    [InlineData(PolicyFetchFailure.Redirect, "policy-redirect")]
    [InlineData(PolicyFetchFailure.Status, "policy-status")]
    [InlineData(PolicyFetchFailure.MediaType, "policy-content-type")]
    [InlineData(PolicyFetchFailure.ContentEncoding, "policy-content-type")]
    [InlineData(PolicyFetchFailure.TooLarge, "policy-too-large")]
    [InlineData(PolicyFetchFailure.InvalidPolicy, "policy-invalid")]
    public void Judge_EachFailure_HasItsCodeAndARemedy(PolicyFetchFailure kind, string expected)
    {
        var finding = Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"), [Failed(s_v4, kind)], true));

        Assert.Equal((expected, FindingSeverity.Error), (finding.Code, finding.Severity));
        Assert.Contains("192.0.2.1", finding.Message, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(finding.Fix));
    }

    [Theory]
    [InlineData("mx: mail.example.com\n\n", "some senders accept it")]
    [InlineData("mx: mail.example.com.\n", "Postfix")]
    [InlineData("mx: mail example.com\n", "senders reject all of it")]
    public void Judge_PolicyThatOnlySomeSendersReject_SaysSo(string lines, string expected)
    {
        Assert.False(PolicyParser.TryParse(Encoding.ASCII.GetBytes("version: STSv1\nmode: enforce\nmax_age: 86400\n" + lines),
            out _, out var error));
        var failure = new PolicyFetchException(PolicyFetchFailure.InvalidPolicy, "it serves no valid policy") { ParseError = error };

        var finding = Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"), [new(s_v4, null, failure)], true));

        Assert.Equal(("policy-invalid", FindingSeverity.Error), (finding.Code, finding.Severity));
        Assert.Contains(expected, finding.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10_240, "")]
    [InlineData(10_241, "chasquid")]
    [InlineData(20_001, "postfix-tlspol")]
    public void JudgeText_LongPolicy_NamesTheSenders(int length, string expected)
    {
        var fetched = Works(s_v4).Policy! with { Body = new byte[length], Remarks = [] };

        Assert.Equal(expected.Length == 0 ? [] : ["policy-too-large"],
            PolicyHostJudgement.JudgeText("example.com", fetched).Select(finding => finding.Code));
        Assert.All(PolicyHostJudgement.JudgeText("example.com", fetched), finding =>
            Assert.Contains(expected, finding.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(PolicyRemarkKind.IdleMx, "allows no host")]
    [InlineData(PolicyRemarkKind.RLdhLabel, "mox")]
    [InlineData(PolicyRemarkKind.RepeatedField, "first or the last")]
    [InlineData(PolicyRemarkKind.ExtensionWithColon, "maddy")]
    [InlineData(PolicyRemarkKind.ExtensionOutsideAscii, "postfix-mta-sts-resolver")]
    [InlineData(PolicyRemarkKind.NoneWithoutMx, "chasquid")]
    public void JudgeText_Remark_SaysWhatHappensAndWhere(PolicyRemarkKind kind, string expected)
    {
        var fetched = Works(s_v4).Policy! with { Body = new byte[100], Remarks = [new PolicyRemark(5, kind, "something")] };

        var finding = Assert.Single(PolicyHostJudgement.JudgeText("example.com", fetched));

        Assert.Equal(("policy-invalid", FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Contains("in line 5: something; ", finding.Message, StringComparison.Ordinal);
        Assert.Contains(expected, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PolicyFetchFailure.TlsHandshake, "host-tls")]
    [InlineData(PolicyFetchFailure.Status, "policy-status")]
    public void Judge_HostThatIsToServeItsFirstPolicy_HasNoFaultYet(PolicyFetchFailure kind, string expected)
    {
        var finding = Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"),
            [Failed(s_v4, kind)], true, isNew: true));

        Assert.Equal((expected, FindingSeverity.Info), (finding.Code, finding.Severity));
        Assert.StartsWith("deploy this configuration", finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_BrokenIpv6BesideWorkingIpv4_IsAWarningThatNamesTheAddress()
    {
        var finding = Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"),
            [Works(s_v4), Failed(s_v6, PolicyFetchFailure.Unreachable)], true));

        Assert.Equal(("host-unreachable", FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Contains("2001:db8::1", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_AllWork_FindsNothing() =>
        Assert.Empty(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"), [Works(s_v4), Works(s_v6)], true));

    [Fact]
    public void Judge_TheSameFaultAtTwoAddresses_IsOneFinding()
    {
        var finding = Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"),
            [Failed(s_v4, PolicyFetchFailure.Status), Failed(s_v6, PolicyFetchFailure.Status)], true));

        Assert.Contains("192.0.2.1, 2001:db8::1", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.NetworkUnreachable, "Unknown")]
    [InlineData(SocketError.HostUnreachable, "Error")] // a firewall's answer as well
    [InlineData(SocketError.ConnectionRefused, "Error")]
    public void Judge_NoWayFromHere_IsUnknownAndNothingElse(SocketError error, string expected)
    {
        var failure = new PolicyFetchException(PolicyFetchFailure.Unreachable,
            "mta-sts.example.com can't be reached.", new SocketException((int)error));

        Assert.Equal(expected,
            Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"),
                [new(s_v6, null, failure)], true)).Severity.ToString());
    }

    [Theory]
    [InlineData("192.0.2.1", true, true)]
    [InlineData("192.0.2.1", false, false)]
    [InlineData("2001:db8::1", true, false)] // those are not translated
    public void Judge_OwnHostThatCantBeReached_MayBeThisNetworksFault(string address, bool isServedHere, bool expected)
    {
        var finding = Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"),
            [Failed(IPAddress.Parse(address), PolicyFetchFailure.Unreachable)], true, isServedHere: isServedHere));

        Assert.Equal(expected, finding.Fix!.Contains("Dns:Resolvers", StringComparison.Ordinal));
    }

    [Fact]
    public void Judge_WithoutARecordThatTellsOfAPolicy_IsAWarningThatAsksWhetherItWasLeftBehind()
    {
        var finding = Assert.Single(PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"),
            [Failed(s_v4, PolicyFetchFailure.TlsHandshake)], false));

        Assert.Equal(("host-tls", FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.StartsWith("remove mta-sts.example.com from DNS if it was left behind; if a wildcard in the zone answers for it, ",
            finding.Fix, StringComparison.Ordinal);
    }

    /// <summary>Senders go on to the address that works for them.</summary>
    [Fact]
    public void Judge_DeadAddressBesideOneThatOthersReach_IsAWarning()
    {
        var reached = Failed(s_v4, PolicyFetchFailure.Unreachable) with { IsReachedByOthers = true };

        var findings = PolicyHostJudgement.Judge(TxtCheckTests.Domain("example.com"),
            [reached, Failed(s_v6, PolicyFetchFailure.Unreachable)], true, isServedHere: true);

        Assert.Equal([FindingSeverity.Unknown, FindingSeverity.Warning], findings.Select(finding => finding.Severity));
    }

    private static PolicyFetch Failed(IPAddress address, PolicyFetchFailure kind) =>
        new(address, null, new PolicyFetchException(kind, "it failed."));

    private static PolicyFetch Works(IPAddress address) => new(
        address,
        new FetchedPolicy
        {
            Policy = new Policy(PolicyMode.None, [], 86400), Body = default,
                ContentType = "text/plain", Address = address, TlsProtocol = SslProtocols.Tls13,
            CertificateIssuer = "CN=test", CertificateNotAfter = DateTimeOffset.MaxValue, Duration = TimeSpan.Zero,
        },
        null);
}
