using MtaStsHost.Checks.Mx;
using MtaStsHost.Network;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace Fuzz.Targets;

internal sealed class MxCheckTarget : CheckTarget
{
    public override string Name => "mx-name";

    public override IReadOnlyList<byte[]> Seeds { get; } = [[.. "mail.example.com"u8], [.. "mx1.example.net|mx2.example.com|."u8]];

    public override IReadOnlyList<byte[]> Tokens => [.. Hostile, [.. "|"u8], [.. "mail.example.com|"u8], [.. "\x1B[2J"u8]];

    protected override bool RunText(string text)
    {
        var dns = new ScriptedResolver();
        dns.Mx["example.com"] = [.. text.Split('|').Select((name, i) => new MxRecord(i, name.TrimEnd('.')))];
        var probe = new SmtpProbe(new SmtpProbeOptions(25, TimeSpan.FromSeconds(1)), TimeProvider.System); // no host has an address
        var report = Now(new MxCheck(dns, new MxProbes(probe, new SmtpReachability(TimeProvider.System), null, TimeProvider.System),
            TimeProvider.System).CheckAsync(Domain, null, false, null, CancellationToken.None));
        RequireSafe(report.Findings);
        Require(report.Hosts.All(host => Printable.IsPrintable(host)), "host names are printable");
        Require(dns.Asked.Count <= 2 + (2 * MxCheck.MaxHosts), "the number of queries is bounded");
        return report.Findings.All(finding => finding.Code != "mx-invalid");
    }
}
