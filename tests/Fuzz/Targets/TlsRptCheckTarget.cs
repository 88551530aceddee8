using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Testing;

namespace Fuzz.Targets;

internal sealed class TlsRptCheckTarget : CheckTarget
{
    public override string Name => "tlsrpt-txt";

    public override IReadOnlyList<byte[]> Seeds { get; } = [[.. "v=TLSRPTv1; rua=mailto:a@example.com,https://example.net/report;"u8]];

    public override IReadOnlyList<byte[]> Tokens =>
        [.. Hostile, [.. "rua="u8], [.. ";"u8], [.. ","u8], [.. "mailto:"u8], [.. "https://"u8], [.. "@"u8], [.. "!"u8], [.. "%"u8]];

    protected override bool RunText(string text)
    {
        var dns = new ScriptedResolver();
        dns.Txt["_smtp._tls.example.com"] = [text];
        var findings = Now(TlsRptCheck.CheckAsync(Domain, true, [], dns, CancellationToken.None));
        RequireSafe(findings);
        Require(dns.Asked.Count <= 21, "the number of queries is bounded");
        return findings.All(finding => finding.Severity < FindingSeverity.Error && finding.Code != "tlsrpt-missing");
    }
}
