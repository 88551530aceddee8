namespace MailRecords.Tests;

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
    public void Check_Permitted_IsNull(string records) => Assert.Null(CaaPolicy.Check(Records(records), s_request));

    /// <summary>RFC 8659 §4.1 gives the bit no meaning; Let's Encrypt takes it for the critical one.</summary>
    [Theory]
    [InlineData("letsencrypt.org", "tbs", true)]
    [InlineData("letsencrypt.org", "iodef", false)]
    [InlineData("ca.example", "tbs", false)]
    public void Check_LowestFlag_IsCriticalForLetsEncrypt(string authority, string tag, bool isRefused) =>
        Assert.Equal(isRefused, CaaPolicy.Check([new CaaRecord(false, tag, "x") { HasLowestFlag = true }],
            new CaaRequest([authority], [], null))?.Reason == CaaRefusalReason.UnknownCriticalProperty);

    [Theory]
    [InlineData("issue ;", "don't permit this CA (issue \";\")")]
    [InlineData("issue", "don't permit this CA (issue \"\")")]
    [InlineData("issue other.example|issue third.example; a=b",
        "don't permit this CA (issue \"other.example\", issue \"third.example; a=b\")")]
    [InlineData("issue other.example|issuewild ca.example", "don't permit this CA (issue \"other.example\")")]
    [InlineData("issue sub.ca.example", "don't permit this CA")]
    [InlineData("issue ca.example; a=1;", "don't permit this CA (issue \"ca.example; a=1;\"; a malformed value permits no CA)")]
    [InlineData("issue ca.example other", "; a malformed value permits no CA")]
    [InlineData("issue \u001b[2J", "(issue \"\\u001B[2J\"")]
    [InlineData("!tbs unknown|issue ca.example", "contain a critical property that no CA understands (tbs)")]
    [InlineData("issue ca.example; validationmethods=dns-01", "name this CA, but only for the challenges 'dns-01', not for http-01")]
    [InlineData("issue ca.example; validationmethods=", "only for the challenges '', not for http-01")]
    [InlineData("issue ca.example; validationmethods=http-01x", "only for the challenges")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/10",
        "only for the account 'https://ca.example/acct/10'; this account is 'https://ca.example/acct/1'")]
    [InlineData("issue ca.example; accounturi=", "only for the account ''")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/1; accounturi=https://ca.example/acct/1",
        "with more than one accounturi")]
    [InlineData("issue ca.example; accounturi=https://ca.example/acct/2; validationmethods=http-01|issue other.example",
        "only for the account 'https://ca.example/acct/2'")]
    public void Check_Forbidden_SaysWhy(string records, string message)
    {
        var refusal = CaaPolicy.Check(Records(records), s_request);

        Assert.NotNull(refusal);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(records.StartsWith('!') ? CaaRefusalReason.UnknownCriticalProperty
            : message.Contains("only") || message.Contains("accounturi") ? CaaRefusalReason.OtherParameters
            : CaaRefusalReason.OtherIssuers, refusal.Reason);
        Assert.DoesNotContain(refusal.Message, c => c is < ' ' or > '~');
    }

    private static List<CaaRecord> Records(string text) =>
    [
        .. text.Split('|').Select(record => record.Split(' ', 2))
            .Select(parts => new CaaRecord(parts[0][0] == '!', parts[0].TrimStart('!'), parts.Length > 1 ? parts[1] : "")),
    ];
}
