using MtaSts;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace Fuzz.Targets;

/// <summary>A check of the answers that a domain's owner publishes.</summary>
internal abstract class CheckTarget : TextTarget
{
    private static readonly string[] s_txtNames = ["example.com", "a.example", "_dmarc.example.com", "x._domainkey.example.com"];

    protected static DomainName Domain { get; } = DomainName.TryParse("example.com", out var domain, out _)
        ? domain : throw new InvalidOperationException();

    protected static void RequireSafe(IReadOnlyList<Finding> findings) => Require(
        findings.All(finding => Printable.IsPrintable(finding.Message) && Printable.IsPrintable(finding.Fix ?? "")
            && finding.Message.Length < 2000 && (finding.Fix ?? "").Length < 3000), "a finding is one printable line");

    /// <summary>Runs a check of a domain whose every TXT record is the text.</summary>
    protected static void Check(string text, Func<IResolver, Task<IReadOnlyList<Finding>>> check)
    {
        var resolver = new ScriptedResolver();
        foreach (var name in s_txtNames) resolver.Txt[name] = [text];
        RequireSafe(Now(check(resolver)));
        Require(resolver.Asked.Count <= 50, "the number of queries is bounded");
    }

    /// <returns>Whether there is no error.</returns>
    protected static bool IsGood(MailRecords.RecordError? error, string text)
    {
        if (error is null) return true;
        Require(IsOneLine(error.ToString()) && error.Message.All(c => c is >= ' ' and <= '~' or '§'),
            "the message is one line of ASCII and §");
        Require(error.Position >= 1 && error.Position <= text.Length + 1, "the position is inside the record");
        return false;
    }
}
