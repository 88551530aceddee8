using System.Buffers;

namespace MailRecords;

/// <summary>The text between two spaces of an SPF record: a directive or a modifier. RFC 7208 §12.</summary>
internal sealed class SpfTerm
{
    private static readonly SearchValues<char> s_nameEnd = SearchValues.Create(":/=");

    private static readonly Dictionary<string, SpfMechanism> s_mechanisms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["all"] = SpfMechanism.All, ["include"] = SpfMechanism.Include, ["a"] = SpfMechanism.A, ["mx"] = SpfMechanism.Mx,
        ["ptr"] = SpfMechanism.Ptr, ["ip4"] = SpfMechanism.Ip4, ["ip6"] = SpfMechanism.Ip6, ["exists"] = SpfMechanism.Exists,
    };

    /// <summary>Common mistakes.</summary>
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

    /// <summary>Lower case; <c>null</c> when the term is a directive.</summary>
    public string? ModifierName =>
        _nameAt == 0 && _text.Length > _name.Length && _text[_name.Length] == '=' && IsModifierName(_name)
            ? _name.ToLowerInvariant() : null;

    /// <summary>What follows the name and its delimiter.</summary>
    public string Argument => _text[Math.Min(_text.Length, _nameAt + _name.Length + 1)..];

    private int ArgumentPosition => Position + _nameAt + _name.Length + 1;

    /// <summary>Not <c>null</c> for a modifier named like a mechanism (<c>include=…</c>), which receivers ignore.</summary>
    public RecordError? MistakenModifier => s_mechanisms.ContainsKey(_name) ? Error($"{_name}= has no effect; try {_name}:") : null;

    /// <summary>RFC 7208 §6.</summary>
    public RecordError? CheckModifier() =>
        ModifierName is "redirect" or "exp" ? SpfMacros.CheckDomain(Argument, ArgumentPosition)
            : SpfMacros.CheckString(Argument, ArgumentPosition);

    public bool TryReadDirective([NotNullWhen(true)] out SpfDirective? directive, [NotNullWhen(false)] out RecordError? error)
    {
        directive = null;
        if (!s_mechanisms.TryGetValue(_name, out var mechanism))
        {
            error = Error(DescribeUnknown());
            return false;
        }

        var rest = _text[(_nameAt + _name.Length)..];
        string? domain = null;
        SpfPrefix? prefix = null;
        error = mechanism switch
        {
            SpfMechanism.All => rest.Length == 0 ? null : Error($"found {Quoted.Text(rest)} after all; expected a space"),
            SpfMechanism.Ip4 or SpfMechanism.Ip6 => ReadNetwork(mechanism == SpfMechanism.Ip4, rest, out prefix),
            SpfMechanism.A or SpfMechanism.Mx => ReadHosts(rest, out domain, out prefix),
            _ => ReadDomain(rest, mechanism != SpfMechanism.Ptr, out domain),
        };
        if (error is not null) return false;
        var qualifier = _text[0] switch
        {
            '-' => SpfQualifier.Fail,
            '~' => SpfQualifier.SoftFail,
            '?' => SpfQualifier.Neutral,
            _ => SpfQualifier.Pass,
        };
        directive = new SpfDirective(qualifier, mechanism, _text, Position, domain, prefix);
        return true;
    }

    private static bool IsModifierName(string name) =>
        name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private string DescribeUnknown()
    {
        var term = _text[_nameAt..];
        if (IPAddress.TryParse(term, out var bare) && term.AsSpan().ContainsAny('.', ':'))
            return $"an address without a mechanism; try {MechanismOf(bare)}:{Quoted.Bare(term)}";
        if (_name.Length == 0) return $"{Quoted.Text(_text)} is not a mechanism";
        var unknown = $"{Quoted.Text(_name)} is not a mechanism";
        if (s_meant.TryGetValue(_name, out var meant)) return $"{unknown}; try {meant}";
        if (_name.TrimEnd(',', ';', '.', '"', '\'') is { } trimmed && s_mechanisms.ContainsKey(trimmed))
            return $"{unknown}; try {trimmed.ToLowerInvariant()}, and separate terms with spaces only";
        if (_name.EndsWith("all", StringComparison.OrdinalIgnoreCase) && !char.IsAscii(_name[0]))
            return $"{unknown}; try -all with a plain hyphen";
        return _name.Contains('.', StringComparison.Ordinal) && IsModifierName($"x{_name}")
            ? $"a name without a mechanism; try include:{Quoted.Bare(_name)} or a:{Quoted.Bare(_name)}" : unknown;
    }

    private RecordError? ReadNetwork(bool isIp4, string rest, out SpfPrefix? prefix)
    {
        prefix = null;
        if (rest is not [':', _, ..]) return Error($"{_name} has no address; try {_name}:ADDRESS");
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? rest[1..] : rest[1..slash];
        // IPAddress also reads "1.2", "0x7f.1" and zones (%eth0).
        if (!IPAddress.TryParse(address, out var parsed) || address.AsSpan().ContainsAny("%[]")
            || (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != address))
        {
            var isName = address.Any(char.IsAsciiLetter) && !address.Contains(':', StringComparison.Ordinal);
            return new RecordError(ArgumentPosition,
                $"{Quoted.Text(address)} is not an {(isIp4 ? "IPv4" : "IPv6")} address{(isName ? "; try a: for a name" : "")}");
        }

        if (parsed.AddressFamily == AddressFamily.InterNetwork != isIp4)
            return new RecordError(ArgumentPosition,
                $"{Quoted.Text(address)} is an {(isIp4 ? "IPv6" : "IPv4")} address; try {MechanismOf(parsed)}:");
        if (slash < 0) return null;
        var max = isIp4 ? 32 : 128;
        if (ReadLength(rest.AsSpan(slash + 1), max) is not { } length)
            return new RecordError(Position + _nameAt + _name.Length + slash,
                $"{Quoted.Text(rest.AsSpan(slash), 20)} is not a prefix length; expected /0 to /{max}");
        prefix = isIp4 ? new SpfPrefix(length, null) : new SpfPrefix(null, length);
        return null;
    }

    /// <summary>An optional domain and an optional <c>/24//64</c>. RFC 7208 §5.3.</summary>
    private RecordError? ReadHosts(string rest, out string? domain, out SpfPrefix? prefix)
    {
        prefix = null;
        // A macro may use a slash as a delimiter, so the lengths are read from the end.
        var end = rest.Length;
        while (end > 0 && (char.IsAsciiDigit(rest[end - 1]) || rest[end - 1] == '/')) end--;
        var lengths = rest.IndexOf('/', end);
        var error = ReadDomain(lengths < 0 ? rest : rest[..lengths], false, out domain);
        if (error is not null || lengths < 0) return error;
        var text = rest.AsSpan(lengths);
        var six = text.IndexOf("//", StringComparison.Ordinal);
        var ip4 = six == 0 ? null : ReadLength(six < 0 ? text[1..] : text[1..six], 32);
        var ip6 = six < 0 ? null : ReadLength(text[(six + 2)..], 128);
        prefix = new SpfPrefix(ip4, ip6);
        var isGood = (six == 0 || ip4 is not null) && (six < 0 || ip6 is not null);
        return isGood ? null : new RecordError(Position + _nameAt + _name.Length + lengths,
            $"{Quoted.Text(text, 20)} is not a prefix length; expected /0 to /32, or //0 to //128 for IPv6");
    }

    private RecordError? ReadDomain(string rest, bool isNeeded, out string? domain)
    {
        domain = null;
        if (rest.Length == 0) return isNeeded ? Error($"{_name} has no domain; try {_name}:DOMAIN") : null;
        if (rest[0] != ':') return Error($"found {Quoted.Text(rest)} after {_name}; try {_name}:DOMAIN");
        if (rest.Length == 1) return Error($"{_name}: has no domain; {(isNeeded ? "add one" : "add one, or remove the colon")}");
        domain = rest[1..];
        return _name is ['a' or 'A'] or ['m' or 'M', 'x' or 'X'] && IPAddress.TryParse(domain, out var address)
            ? Error($"{_name}: takes a name; try {MechanismOf(address)}:{Quoted.Bare(domain)}")
            : SpfMacros.CheckDomain(domain, ArgumentPosition);
    }

    private static string MechanismOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? "ip4" : "ip6";

    private static int? ReadLength(ReadOnlySpan<char> text, int max) =>
        text.Length is > 0 and <= 3 && (text[0] != '0' || text.Length == 1)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= max ? length : null;

    private RecordError Error(string message) => new(Position, message);
}
