using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Mail;

/// <summary>What stands between two spaces of an SPF record: a directive or a modifier. RFC 7208 §12.</summary>
internal sealed class SpfTerm
{
    private static readonly SearchValues<char> s_nameEnd = SearchValues.Create(":/=");

    private static readonly Dictionary<string, SpfMechanism> s_mechanisms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["all"] = SpfMechanism.All, ["include"] = SpfMechanism.Include, ["a"] = SpfMechanism.A, ["mx"] = SpfMechanism.Mx,
        ["ptr"] = SpfMechanism.Ptr, ["ip4"] = SpfMechanism.Ip4, ["ip6"] = SpfMechanism.Ip6, ["exists"] = SpfMechanism.Exists,
    };

    /// <summary>What is written often, and what is meant by it.</summary>
    private static readonly Dictionary<string, string> s_meant = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ipv4"] = "ip4:", ["ip"] = "ip4:", ["ipv6"] = "ip6:", ["includes"] = "include:", ["inc"] = "include:", ["host"] = "a:",
        ["aaaa"] = "a:", ["txt"] = "include:", ["spf"] = "include:", ["redirect"] = "redirect=", ["exp"] = "exp=", ["exist"] = "exists:",
    };

    private readonly string _text;
    private readonly string _name;
    private readonly int _nameAt;

    public SpfTerm(string text, int position)
    {
        (_text, Position) = (text, position);
        _nameAt = text[0] is '+' or '-' or '?' or '~' ? 1 : 0;
        var end = text.AsSpan(_nameAt).IndexOfAny(s_nameEnd);
        _name = end < 0 ? text[_nameAt..] : text[_nameAt..(_nameAt + end)];
    }

    public int Position { get; }

    /// <summary>Lower case; <c>null</c> when it is a directive.</summary>
    public string? ModifierName =>
        _nameAt == 0 && _text.Length > _name.Length && _text[_name.Length] == '='
            && IsModifierName(_name) ? _name.ToLowerInvariant() : null;

    /// <summary>What follows the name and the sign after it.</summary>
    public string Argument => _text[Math.Min(_text.Length, _nameAt + _name.Length + 1)..];

    private int ArgumentPosition => Position + _nameAt + _name.Length + 1;

    /// <summary>Whether it is a modifier that nobody knows, passed over in silence, with the name of a mechanism:
    /// <c>include=…</c>.</summary>
    public bool IsMistakenModifier => ModifierName is not null && s_mechanisms.ContainsKey(_name);

    public RecordError MistakenModifier() => Fault($"{_name}= does nothing; {_name}: is meant");

    /// <summary>RFC 7208 §6.</summary>
    public RecordError? JudgeModifier() =>
        ModifierName is "redirect" or "exp" ? SpfMacros.JudgeDomain(Argument, ArgumentPosition)
            : SpfMacros.JudgeString(Argument, ArgumentPosition);

    public bool TryReadDirective([NotNullWhen(true)] out SpfDirective? directive, [NotNullWhen(false)] out RecordError? error)
    {
        directive = null;
        if (!s_mechanisms.TryGetValue(_name, out var mechanism))
        {
            error = JudgeUnknown();
            return false;
        }

        var rest = _text[(_nameAt + _name.Length)..];
        string? domain = null;
        SpfPrefix? prefix = null;
        error = mechanism switch
        {
            SpfMechanism.All => rest.Length == 0 ? null : Fault($"{Texts.Quote(rest)} after all, which takes nothing"),
            SpfMechanism.Ip4 or SpfMechanism.Ip6 => ReadNetwork(mechanism, rest, out prefix),
            SpfMechanism.A or SpfMechanism.Mx => ReadHosts(rest, out domain, out prefix),
            _ => ReadDomain(rest, mechanism != SpfMechanism.Ptr, out domain),
        };
        if (error is not null) return false;
        directive = new SpfDirective(Qualifier(), mechanism, _text, Position, domain, prefix);
        return true;
    }

    private static bool IsModifierName(string name) =>
        name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private SpfQualifier Qualifier() => _text[0] switch
    {
        '-' => SpfQualifier.Fail,
        '~' => SpfQualifier.SoftFail,
        '?' => SpfQualifier.Neutral,
        _ => SpfQualifier.Pass,
    };

    private RecordError JudgeUnknown()
    {
        if (IPAddress.TryParse(_text.AsSpan(_nameAt), out var bare) && _text.AsSpan(_nameAt).ContainsAny('.', ':'))
            return Fault(
                $"an address without its mechanism; "
                + $"{(bare.AddressFamily == AddressFamily.InterNetwork ? "ip4" : "ip6")}:{Printable.Text(_text[_nameAt..], 60)} is meant");
        if (_name.Length == 0) return Fault($"{Texts.Quote(_text, 60)} is no mechanism");
        if (s_meant.TryGetValue(_name, out var meant)) return Fault($"{Texts.Quote(_name, 60)} is no mechanism; {meant} is meant");
        if (_name.TrimEnd(',', ';', '.', '"', '\'') is { } trimmed && s_mechanisms.ContainsKey(trimmed))
            return Fault(
                $"{Texts.Quote(_name, 60)} is no mechanism; {trimmed.ToLowerInvariant()} is meant, and spaces alone separate terms");
        if (_name.EndsWith("all", StringComparison.OrdinalIgnoreCase) && !char.IsAscii(_name[0]))
            return Fault($"{Texts.Quote(_name, 60)} is no mechanism; -all with a plain hyphen is meant");
        return Fault(_name.Contains('.', StringComparison.Ordinal) && IsModifierName($"x{_name}")
            ? $"a name without its mechanism; include:{Printable.Text(_name, 60)} or a:{Printable.Text(_name, 60)} is meant"
            : $"{Texts.Quote(_name, 60)} is no mechanism");
    }

    private RecordError? ReadNetwork(SpfMechanism mechanism, string rest, out SpfPrefix? prefix)
    {
        prefix = null;
        var isIp4 = mechanism == SpfMechanism.Ip4;
        if (rest is not [':', _, ..]) return Fault($"{_name} without an address; write {_name}:ADDRESS");
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? rest[1..] : rest[1..slash];
        // IPAddress reads "1.2" and "0x7f.1" as addresses; a zone (%eth0) has no place here.
        if (!IPAddress.TryParse(address, out var parsed) || address.AsSpan().ContainsAny("%[]")
            || (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != address))
            return new RecordError(ArgumentPosition,
                $"{Texts.Quote(address, 60)} is no {(isIp4 ? "IPv4" : "IPv6")} "
                + $"address{(address.Any(char.IsAsciiLetter) && !address.Contains(':', StringComparison.Ordinal) ? "; a: takes a name" : "")}");
        if (parsed.AddressFamily == AddressFamily.InterNetwork != isIp4)
            return new RecordError(ArgumentPosition,
                $"{Texts.Quote(address, 60)} is an {(isIp4 ? "IPv6" : "IPv4")} address; {(isIp4 ? "ip6" : "ip4")}: is meant");
        if (slash < 0) return null;
        if (!TryReadLength(rest.AsSpan(slash + 1), isIp4 ? 32 : 128, out var length))
            return new RecordError(Position + _nameAt + _name.Length + slash,
                $"{Texts.Quote(rest.AsSpan(slash), 20)} is no prefix length; /0 to /{(isIp4 ? 32 : 128)} are");
        prefix = isIp4 ? new SpfPrefix(length, null) : new SpfPrefix(null, length);
        return null;
    }

    /// <summary>An optional domain and an optional <c>/24//64</c>. RFC 7208 §5.3.</summary>
    private RecordError? ReadHosts(string rest, out string? domain, out SpfPrefix? prefix)
    {
        prefix = null;
        // A slash may stand in a domain's macros too (as a delimiter), so that lengths are read from the end.
        var end = rest.Length;
        while (end > 0 && (char.IsAsciiDigit(rest[end - 1]) || rest[end - 1] == '/')) end--;
        var lengths = rest.IndexOf('/', end);
        var error = ReadDomain(lengths < 0 ? rest : rest[..lengths], false, out domain);
        if (error is not null || lengths < 0) return error;
        var text = rest.AsSpan(lengths);
        var six = text.IndexOf("//", StringComparison.Ordinal);
        int? ip4 = null, ip6 = null;
        var isGood = true;
        if (six != 0)
        {
            isGood = TryReadLength(six < 0 ? text[1..] : text[1..six], 32, out var length);
            ip4 = length;
        }

        if (six >= 0)
        {
            isGood &= TryReadLength(text[(six + 2)..], 128, out var length);
            ip6 = length;
        }

        prefix = new SpfPrefix(ip4, ip6);
        return isGood ? null : new RecordError(Position + _nameAt + _name.Length
            + lengths, $"{Texts.Quote(text, 20)} is no prefix length; /0 to /32, and //0 to //128 for IPv6, are");
    }

    private RecordError? ReadDomain(string rest, bool isNeeded, out string? domain)
    {
        domain = null;
        if (rest.Length == 0) return isNeeded ? Fault($"{_name} without a domain; write {_name}:DOMAIN") : null;
        if (rest[0] != ':') return Fault($"{Texts.Quote(rest, 60)} after {_name}; {_name}:DOMAIN is meant");
        if (rest.Length == 1) return Fault(
            $"{_name}: with nothing after the colon{(isNeeded ? "" : $"; leave the colon out, or name the domain")}");
        domain = rest[1..];
        return _name is ['a' or 'A'] or ['m' or 'M', 'x' or 'X'] && IPAddress.TryParse(domain, out var address)
            ? new RecordError(Position,
                $"{_name}: takes a name; "
                + $"{(address.AddressFamily == AddressFamily.InterNetwork ? "ip4" : "ip6")}:{Printable.Text(domain, 60)} is meant")
            : SpfMacros.JudgeDomain(domain, ArgumentPosition);
    }

    private static bool TryReadLength(ReadOnlySpan<char> text, int max, out int length)
    {
        length = 0;
        return text.Length is > 0 and <= 3 && (text[0] != '0' || text.Length == 1)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= max;
    }

    private RecordError Fault(string what) => new(Position, what);
}
