using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Network;

namespace MtaStsHost.Tests.Certificates.Issuing.Preflight;

public sealed class CaaPolicyTests
{
    private static readonly CaaRequest s_request = new(["ca.example", "ca2.example"], ["http-01"], "https://ca.example/acct/1");

    /// <summary>Records as <c>tag value</c>, with <c>!</c> before a critical one, and <c>|</c> between two.</summary>
    [Theory]
    [InlineData("issue ca.example")]
    [InlineData("issue CA2.Example")]
    [InlineData("issue other.example|issue ca.example")]
    [InlineData("issue ;|issue ca.example;")]
    [InlineData("issue %%%|issue ca.example")]
    [InlineData("!issue ca.example")]
    [InlineData("iodef mailto:a@example.com")]
    [InlineData("issuewild other.example")]
    [InlineData("issuewild ;|iodef mailto:a@example.com")]
    [InlineData("issuemail ;|!contactemail a@example.com")]
    [InlineData("tbs unknown")]
    [InlineData("issue ca.example; validationmethods=http-01")]
    [InlineData("issue ca.example; validationmethods=dns-01,http-01")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/1")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/1; validationmethods=http-01; x=y")]
    [InlineData("issue ca.example; validationmethods=dns-01|issue ca.example; validationmethods=http-01")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/2|issue ca2.example")]
    public void Judge_Permitted_IsNull(string records) => Assert.Null(CaaPolicy.Judge("example.com", Records(records), s_request));

    [Theory]
    [InlineData("issue ;", "don't permit this CA (issue \";\")")]
    [InlineData("issue", "don't permit this CA (issue \"\")")]
    [InlineData("issue other.example|issue third.example; a=b",
        "don't permit this CA (issue \"other.example\", issue \"third.example; a=b\")")]
    [InlineData("issue other.example|issuewild ca.example", "don't permit this CA (issue \"other.example\")")]
    [InlineData("issue sub.ca.example", "don't permit this CA")]
    [InlineData("issue ca.example; a=1;", "don't permit this CA (issue \"ca.example; a=1;\", and a malformed value permits nobody)")]
    [InlineData("issue ca.example other", "and a malformed value permits nobody")]
    [InlineData("issue \u001b[2J", "(issue \"\\u001B[2J\"")]
    [InlineData("!tbs unknown|issue ca.example", "have a critical property that no CA knows (tbs)")]
    [InlineData("issue ca.example; validationmethods=dns-01", "name this CA, but for other challenges than http-01 only (dns-01)")]
    [InlineData("issue ca.example; validationmethods=", "for other challenges than http-01 only ()")]
    [InlineData("issue ca.example; validationmethods=http-01x", "for other challenges than http-01 only")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/10",
        "for the account https://ca.example/acct/10 only, and this host's is https://ca.example/acct/1")]
    [InlineData("issue ca.example; accounturi=", "for the account  only")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/1; accounturi=https://ca.example/acct/1",
        "with more than one accounturi")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/2; validationmethods=http-01|issue other.example",
        "for the account https://ca.example/acct/2 only")]
    public void Judge_Forbidden_SaysWhyAndHowToMend(string records, string what)
    {
        var finding = CaaPolicy.Judge("example.com", Records(records), s_request);

        Assert.NotNull(finding);
        Assert.Contains("example.com", finding.What, StringComparison.Ordinal);
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
        Assert.True(records.StartsWith('!') ? finding.Remedy.Contains("critical flag")
            : finding.Remedy.Contains("publish example.com CAA 0 issue \"ca.example\""), finding.Remedy);
        Assert.True(MtaStsHost.Text.Printable.IsPrintable(finding.ToString()));
    }

    private static List<CaaRecord> Records(string text) =>
    [
        .. text.Split('|').Select(record => record.Split(' ', 2))
            .Select(parts => new CaaRecord(parts[0][0] == '!', parts[0].TrimStart('!'), parts.Length > 1 ? parts[1] : "")),
    ];
}
