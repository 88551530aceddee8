using MtaSts;

namespace Fuzz.Targets;

internal sealed class DomainTarget : TextTarget
{
    public override string Name => "domain";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [[.. "example.com"u8], [.. "B\u00DCcher.Example."u8], [.. "xn--bcher-kva.example"u8], [.. "\u65E5\u672C\u8A9E.jp"u8],
            [.. "\u0939\u093F\u0902\u0926\u0940.example"u8]];

    public override IReadOnlyList<byte[]> Tokens => Hostile;

    protected override bool RunText(string text)
    {
        if (!DomainName.TryParse(text, out var name, out var error))
        {
            Require(IsOneLine(error), "the message is one line");
            return false;
        }

        Require(name.Value.Length <= 253 && name.Value.Split('.') is { Length: >= 2 } labels && labels.All(IsLabel),
            "a name is made of labels");
        Require(DomainName.TryParse(name.Value, out var again, out _) && again == name, "a normalised name stays as it is");
        Require(DomainName.TryParse(name.Value.ToUpperInvariant() + ".", out again, out _) && again == name,
            "case and a dot at the end don't matter");
        Require(DomainName.TryParse(name.ToUnicode(), out again, out _) && again == name, "the name for people is the same name");
        return true;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
