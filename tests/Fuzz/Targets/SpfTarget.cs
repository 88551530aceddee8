using MailRecords;
using MtaStsHost.Checks.Mail;

namespace Fuzz.Targets;

internal sealed class SpfTarget : CheckTarget
{
    public override string Name => "spf";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [[.. "v=spf1 mx a:m.example.com/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all"u8],
            [.. "v=spf1 include:a.example exists:%{ir}.%{d2r-}.a.example redirect=%{d} exp=e.%{o}.example x=y"u8]];

    public override IReadOnlyList<byte[]> Tokens =>
        [.. Hostile, [.. " "u8], [.. "/"u8], [.. "//0"u8], [.. "%{"u8], [.. "}"u8], [.. "%%"u8],
            [.. " include:a.example"u8], [.. " a:%{d}"u8], [.. " ?all"u8], [.. " ptr"u8], [.. ":"u8], [.. "redirect=example.com"u8]];

    protected override bool RunText(string text)
    {
        Check(text, resolver => SpfCheck.CheckAsync("example.com", resolver, CancellationToken.None));
        var isGood = SpfRecord.TryParse(text, out var record, out var error);
        Require(isGood == (error is null) && isGood == record is not null, "a record or an error");
        foreach (var ignored in record?.Ignored ?? []) IsGood(ignored, text);
        return IsGood(error, text);
    }
}
