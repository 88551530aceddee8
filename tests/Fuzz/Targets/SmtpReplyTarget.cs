using MtaStsHost.Checks.Mx;
using MtaStsHost.Text;

namespace Fuzz.Targets;

internal sealed class SmtpReplyTarget : FuzzTarget
{
    public override string Name => "smtp-reply";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [[.. "220 mail.example.com ESMTP\r\n"u8], [.. "250-mail.example.com\r\n250-SIZE 1000000\r\n250 STARTTLS\r\n"u8],
            [.. "454 4.7.0 TLS not available\n"u8], [.. "221\r\n"u8]];

    public override IReadOnlyList<byte[]> Tokens =>
    [
        [.. "250-"u8], [.. "250 "u8], [.. "\r\n"u8], [.. "\n"u8], [.. "\r"u8], [.. "\0"u8],
            [.. "-"u8], [.. " "u8], [.. "999 "u8], [.. "-25"u8], [.. "\x1B[2J"u8], [0xff], [.. Enumerable.Repeat((byte)'a', 700)],
    ];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        using var stream = new MemoryStream(input.ToArray());
        try
        {
            var reply = Now(new SmtpDialogue(stream).ReadReplyAsync(CancellationToken.None));
            Require(reply.Code is >= 200 and <= 599, "a reply's code is one of SMTP's");
            Require(reply.Lines.Count is >= 1 and <= SmtpDialogue.MaxLines
                && reply.Lines.All(line => line.Length <= SmtpDialogue.MaxLine), "a reply is bounded");
            Require(Printable.IsPrintable(reply.ToString()) && reply.ToString().Length < 1500, "its text is printable and short");
            return true;
        }
        catch (SmtpProbeException e)
        {
            Require(Printable.IsPrintable(e.Message) && e.Message.Length < 1000, "an error is printable and short");
            return false;
        }
        catch (EndOfStreamException)
        {
            return false;
        }
    }
}
