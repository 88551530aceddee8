using MtaSts;

namespace Fuzz.Targets;

internal sealed class TlsRptTarget : TextTarget
{
    public override string Name => "tlsrpt";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [.. "v=TLSRPTv1; rua=mailto:reports@example.com"u8],
        [.. "v=TLSRPTv1;rua=https://Reporting.Example.com:8443/v1/tlsrpt?a=b%2Cc , MAILTO:a.b+c@example.net?subject=x;ext=1;"u8],
    ];

    public override IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "v=TLSRPTv1;"u8], [.. "rua="u8], [.. "mailto:a@example.com"u8], [.. "https://example.com/"u8], [.. ","u8], [.. "!"u8],
        [.. "%21"u8], [.. "%0A"u8], [.. "%"u8], [.. "@"u8], [.. "?"u8],
        [.. "#"u8], [.. ":0"u8], [.. ":65536"u8], [.. ";"u8], [.. " , "u8], .. Hostile,
    ];

    protected override bool RunText(string text)
    {
        if (TlsRptRecord.TryNormaliseUri(text, out var uri, out var reason))
        {
            Require(TlsRptRecord.TryNormaliseUri(uri, out var same, out _) && same == uri, "a normalised URI stays as it is");
            Require(uri.All(static c => c is > ' ' and < '\u007F' and not (',' or '!' or ';')), "a URI is ASCII without separators");
            Require(Uri.TryCreate(uri, UriKind.Absolute, out _), "a URI is one for .NET too");
        }
        else
        {
            Require(IsOneLine(reason), "the message is one line");
        }

        if (!TlsRptRecord.TryParse(text, out var record, out var error))
        {
            Require(IsOneLine(error), "the message is one line");
            return false;
        }

        Require(TlsRptRecord.TryParse(record.ToString(), out var again, out _) && again.Equals(record),
            "what is written reads as the same record");
        return true;
    }
}
