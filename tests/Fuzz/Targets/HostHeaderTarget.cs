using MtaStsHost.Http;

namespace Fuzz.Targets;

internal sealed class HostHeaderTarget : TextTarget
{
    public override string Name => "host";

    public override int ShortRun => 50_000;

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [[.. "mta-sts.example.com"u8], [.. "MTA-STS.example.com.:8080"u8], [.. "[::1]:443"u8]];

    public override IReadOnlyList<byte[]> Tokens => [.. Hostile, [.. ":"u8], [.. ":443"u8], [.. "@"u8], [.. "mta-sts."u8]];

    protected override bool RunText(string text)
    {
        var name = HostHeader.Name(text).ToString();
        Require(text.StartsWith(name, StringComparison.Ordinal), "nothing is put in or changed");
        var rest = text[name.Length..];
        Require(rest is "" or "." || rest.TrimStart('.') is [':', ..]
            && rest.Length - rest.TrimStart('.').Length <= 1, "only one dot and a port are taken away");
        Require(!rest.Contains(':', StringComparison.Ordinal)
            || rest[(rest.IndexOf(':', StringComparison.Ordinal) + 1)..].All(char.IsAsciiDigit), "a port is digits");
        return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']');
    }
}
