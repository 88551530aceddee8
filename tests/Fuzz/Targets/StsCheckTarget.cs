using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Testing;

namespace Fuzz.Targets;

internal sealed class StsCheckTarget : CheckTarget
{
    public override string Name => "sts-txt";

    public override IReadOnlyList<byte[]> Seeds { get; } = [[.. "v=STSv1; id=20260101;"u8], [.. "v=STSv1; id=1; x=y;|other"u8]];

    public override IReadOnlyList<byte[]> Tokens =>
        [.. Hostile, [.. "v=STSv1;"u8], [.. "id="u8], [.. ";"u8], [.. "|"u8], [.. " "u8], [.. "\x1B]0;x\x07"u8]];

    protected override bool RunText(string text)
    {
        var dns = new ScriptedResolver();
        dns.Txt["_mta-sts.example.com"] = text.Split('|');
        dns.Txt["example.com"] = text.Split('|');
        dns.Aliases["_mta-sts.example.com"] = [text];
        var facts = Now(TxtCheck.LookAsync(Domain, dns, CancellationToken.None));
        var findings = TxtCheck.Judge(new CheckSubject(Domain), facts, null, DateTimeOffset.UnixEpoch);
        RequireSafe(findings);
        Require((facts.Id is not null) == (StsRecord.Select(text.Split('|'), out _, out _) == TxtSelection.Valid),
            "it is there when it is valid");
        // A record that counts may have a finding of these codes too, since some senders see none.
        Require(facts.Id is not null || findings.Any(finding => finding.Code is "txt-missing" or "txt-invalid" or "txt-multiple"),
            "either it is there, or a finding says why not");
        Require(facts.Id is null || findings.All(finding => finding.Code != "txt-missing"), "a record that counts is not missing");
        return facts.Id is not null;
    }
}
