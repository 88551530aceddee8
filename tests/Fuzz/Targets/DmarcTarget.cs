using MailRecords;
using MtaStsHost.Checks.Mail;

namespace Fuzz.Targets;

internal sealed class DmarcTarget : CheckTarget
{
    public override string Name => "dmarc";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [[.. "v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@example.net!10m,mailto:b@c.example; pct=50; t=y; psd=u; "u8
            + "fo=1:d"u8]];

    public override IReadOnlyList<byte[]> Tokens =>
        [.. Hostile, [.. ";"u8], [.. "="u8], [.. ";x=y"u8], [.. ","u8], [.. "!"u8], [.. "mailto:"u8], [.. "psd=n"u8], [.. ":"u8]];

    protected override bool RunText(string text)
    {
        Check(text, resolver => DmarcCheck.CheckAsync("example.com", resolver, CancellationToken.None));
        var isGood = DmarcRecord.TryParse(text, out var record, out var error);
        Require(isGood == (error is null) && isGood == record is not null, "a record or an error");
        foreach (var ignored in record?.Ignored ?? []) IsGood(ignored, text);
        return IsGood(error, text);
    }
}
