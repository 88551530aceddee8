using MtaSts;

namespace Fuzz.Targets;

internal sealed class MxTarget : TextTarget
{
    public override string Name => "mx";

    public override IReadOnlyList<byte[]> Seeds { get; } = [[.. "mail.example.com"u8], [.. "*.Example.net."u8],
        [.. "*.b\u00FCcher.example"u8]];

    public override IReadOnlyList<byte[]> Tokens => Hostile;

    protected override bool RunText(string text)
    {
        var known = new[] { "mail.example.com",
            "*.example.net" }.Select(static value => MxPattern.TryParse(value, out var known, out _) ? known : null);
        foreach (var other in known)
            other!.Matches(text);
        if (!MxPattern.TryParse(text, out var pattern, out var error))
        {
            Require(IsOneLine(error), "the message is one line");
            return false;
        }

        Require(MxPattern.TryParse(pattern.Value, out var again, out _) && again == pattern, "a normalised pattern stays as it is");
        Require(pattern.IsWildcard == pattern.Value.StartsWith("*.", StringComparison.Ordinal), "a wildcard is the left-most label");
        var host = pattern.IsWildcard ? "a" + pattern.Value[1..] : pattern.Value;
        Require(pattern.Matches(host) && pattern.Matches(host.ToUpperInvariant() + "."), "a pattern matches its host");
        Require(!pattern.Matches("b." + host) && !pattern.Matches(host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..]),
            "a pattern matches no host above or below");
        return true;
    }
}
