using MailRecords;

namespace Fuzz.Targets;

internal sealed class CaaTarget : TextTarget
{
    public override string Name => "caa";

    public override int ShortRun => 50_000;

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [[.. "ca.example"u8], [.. ";"u8],
            [.. " CA.example\t; validationmethods = http-01,tls-alpn-01 ;accounturi=https://ca.example/acct/1 "u8]];

    public override IReadOnlyList<byte[]> Tokens =>
        [.. Hostile, [.. ";"u8], [.. "="u8], [.. " \t"u8], [.. "accounturi="u8], [.. "; a-b=c"u8]];

    protected override bool RunText(string text)
    {
        var request = new CaaRequest(["ca.example"], ["http-01"], "https://ca.example/acct/1");
        var refusal = CaaPolicy.Check([new CaaRecord(false, "issue", text)], request);
        Require(refusal is null || IsOneLine(refusal.Message), "the message is one line");
        if (!CaaIssueValue.TryParse(text, out var value))
        {
            Require(refusal is not null, "a malformed value permits no CA");
            return false;
        }

        Require(value.Issuer == "ca.example" || refusal is not null, "another CA's name doesn't permit this one");
        Require(value.Issuer.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'),
            "the CA's name is labels in lower case");
        Require(CaaIssueValue.TryParse(value.ToString(), out var again)
            && again.ToString() == value.ToString(), "what is written reads as the same value");
        return true;
    }
}
