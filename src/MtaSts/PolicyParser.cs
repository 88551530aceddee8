using System.Buffers;
using System.Text.Unicode;

namespace MtaSts;

/// <summary>
/// Reads a policy strictly by RFC 8461 §3.2: anything that a strict sender refuses is refused. Fields may have any order;
/// the first of a repeated field other than <c>mx</c> counts; well-formed unknown fields are ignored.
/// </summary>
public static class PolicyParser
{
    /// <summary>Reads a body. Never throws; takes time linear in the length.</summary>
    /// <param name="body">The body as served, at most <see cref="Policy.MaxBodyBytes"/> bytes; lines end with LF or CRLF.</param>
    /// <param name="policy">The policy, or null.</param>
    /// <param name="error">Null, or the first error and its position.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out Policy? policy, [NotNullWhen(false)] out PolicyParseError? error)
    {
        policy = null;
        error = JudgeWhole(body);
        var fields = new Fields();
        var line = 0;
        var last = body;
        while (error is null && !body.IsEmpty)
        {
            line++;
            var end = body.IndexOf((byte)'\n');
            last = end < 0 ? body : body[..end];
            if (end >= 0 && last is [.., (byte)'\r'])
                last = last[..^1];
            body = end < 0 ? [] : body[(end + 1)..];
            if (fields.Read(last) is var (kind, column, message))
                error = new PolicyParseError(line, column, kind, message);
        }

        if (error is null && fields.FindMissing() is var (missing, text))
            error = new PolicyParseError(line, last.Length + 1, missing, text);
        if (error is not null)
            return false;
        policy = new Policy(fields.Mode.GetValueOrDefault(), fields.Mx, fields.MaxAge.GetValueOrDefault());
        return true;
    }

    private static PolicyParseError? JudgeWhole(ReadOnlySpan<byte> body) =>
        body.IsEmpty ? new(1, 1, PolicyParseErrorKind.Empty, "the body is empty")
        : body.Length > Policy.MaxBodyBytes
            ? new(1, 1, PolicyParseErrorKind.TooLarge, $"the body has more than {Policy.MaxBodyBytes} bytes")
        : body.StartsWith("\uFEFF"u8) ? new(1, 1, PolicyParseErrorKind.ByteOrderMark, "the body starts with a byte order mark")
        : null;

    private sealed class Fields
    {
        private static readonly SearchValues<byte> s_nameCharacters =
            SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."u8);

        private bool _version;

        public PolicyMode? Mode { get; private set; }

        public int? MaxAge { get; private set; }

        public List<MxPattern> Mx { get; } = [];

        public (PolicyParseErrorKind Kind, string Message)? FindMissing() => this switch
        {
            { _version: false } => (PolicyParseErrorKind.MissingVersion, "the field version is missing"),
            { Mode: null } => (PolicyParseErrorKind.MissingMode, "the field mode is missing"),
            { MaxAge: null } => (PolicyParseErrorKind.MissingMaxAge, "the field max_age is missing"),
            { Mx.Count: 0, Mode: not PolicyMode.None } =>
                (PolicyParseErrorKind.MissingMx, "the field mx is missing, and the mode is not none"),
            _ => null,
        };

        public (PolicyParseErrorKind Kind, int Column, string Message)? Read(ReadOnlySpan<byte> line)
        {
            var trimmed = line.TrimEnd(" \t"u8);
            if (trimmed.IsEmpty)
                return (PolicyParseErrorKind.BlankLine, 1, "the line is blank");
            if (trimmed[0] is (byte)' ' or (byte)'\t')
                return (PolicyParseErrorKind.LeadingSpace, 1, "the line starts with white space");
            for (var i = 0; i < trimmed.Length; i++)
                if (trimmed[i] is < 0x20 and not (byte)'\t' or 0x7F)
                    return (PolicyParseErrorKind.ControlCharacter, i + 1, $"the line has the control character 0x{trimmed[i]:X2}");
            var colon = trimmed.IndexOf((byte)':');
            if (colon < 0)
                return (PolicyParseErrorKind.MissingColon, 1, "the line has no colon");
            var name = trimmed[..colon];
            if (!IsName(name))
                return (PolicyParseErrorKind.InvalidName, 1, "the text before the colon is not a field name");
            var value = trimmed[(colon + 1)..].TrimStart(" \t"u8);
            return ReadValue(name, value) is var (kind, message) ? (kind, trimmed.Length - value.Length + 1, message) : null;
        }

        private (PolicyParseErrorKind Kind, string Message)? ReadValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            if (name.SequenceEqual("mx"u8))
                return ReadMx(value);
            // §3.2: all but the first of a repeated field are ignored, and need only be well formed.
            if (!_version && name.SequenceEqual("version"u8))
            {
                _version = value.SequenceEqual("STSv1"u8);
                return _version ? null : (PolicyParseErrorKind.InvalidVersion, "the version is not STSv1");
            }

            if (Mode is null && name.SequenceEqual("mode"u8))
                return ReadMode(value);
            if (MaxAge is null && name.SequenceEqual("max_age"u8))
                return ReadMaxAge(value);
            if (value.IsEmpty)
                return (PolicyParseErrorKind.InvalidExtension, "the field has no value");
            if (value.Contains((byte)'\t'))
                return (PolicyParseErrorKind.InvalidExtension, "the value has a tab inside");
            return Utf8.IsValid(value) ? null : (PolicyParseErrorKind.InvalidExtension, "the value is not UTF-8");
        }

        private (PolicyParseErrorKind Kind, string Message)? ReadMode(ReadOnlySpan<byte> value)
        {
            Span<char> text = stackalloc char["enforce".Length];
            if (value.Length > text.Length || !PolicyModes.TryParse(text[..Encoding.Latin1.GetChars(value, text)], out var mode))
                return (PolicyParseErrorKind.InvalidMode, "expected the mode none, testing or enforce");
            Mode = mode;
            return null;
        }

        private (PolicyParseErrorKind Kind, string Message)? ReadMaxAge(ReadOnlySpan<byte> value)
        {
            if (value.Length is 0 or > 10 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                return (PolicyParseErrorKind.InvalidMaxAge, "max_age is not 1 to 10 digits");
            var seconds = long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
            if (seconds > Policy.MaxMaxAge)
                return (PolicyParseErrorKind.MaxAgeOutOfRange, $"max_age is over {Policy.MaxMaxAge}");
            MaxAge = (int)seconds;
            return null;
        }

        private (PolicyParseErrorKind Kind, string Message)? ReadMx(ReadOnlySpan<byte> value)
        {
            if (!Ascii.IsValid(value))
                return (PolicyParseErrorKind.InvalidMx, "the mx has a letter outside ASCII; write the A-label (xn--)");
            // A Domain of RFC 5321 §4.1.2 has no trailing dot.
            if (value is [.., (byte)'.'])
                return (PolicyParseErrorKind.InvalidMx, "the mx ends with a dot");
            if (!MxPattern.TryParse(Encoding.ASCII.GetString(value), out var pattern, out var error))
                return (PolicyParseErrorKind.InvalidMx, $"the mx {error}");
            Mx.Add(pattern);
            return null;
        }

        private static bool IsName(ReadOnlySpan<byte> name) =>
            name.Length is > 0 and <= 32 && char.IsAsciiLetterOrDigit((char)name[0]) && !name.ContainsAnyExcept(s_nameCharacters);
    }
}
