using System.Buffers;
using System.Text.Unicode;

namespace MtaSts;

/// <summary>
/// Reads a policy strictly by RFC 8461 §3.2: anything that a strict sender refuses is refused. Fields may have any order;
/// the first of a repeated field other than <c>mx</c> counts; well-formed unknown fields are ignored, and so is an <c>mx</c> that follows
/// the grammar but can't be the name of a host (<c>192.0.2.1</c>, <c>localhost</c>), unless there is no other.
/// </summary>
public static class PolicyParser
{
    private const int MaxRemarks = 16;
    private const string TrailingDot = "the mx ends with a dot";

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out Policy?, out ImmutableArray{PolicyRemark}, out PolicyParseError?)"/>
    public static bool TryParse(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out Policy? policy, [NotNullWhen(false)] out PolicyParseError? error) =>
        TryParse(body, out policy, out _, out error);

    /// <summary>Reads a body. Never throws; takes time linear in the length.</summary>
    /// <param name="body">The body as served, at most <see cref="Policy.MaxBodyBytes"/> bytes; lines end with LF or CRLF.</param>
    /// <param name="policy">The policy, or null.</param>
    /// <param name="remarks">What some senders read in another way; at most 16, and empty when there is no policy.</param>
    /// <param name="error">Null, or the first error and its position.</param>
    public static bool TryParse(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Policy? policy,
        out ImmutableArray<PolicyRemark> remarks, [NotNullWhen(false)] out PolicyParseError? error)
    {
        policy = null;
        remarks = [];
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
            if (fields.Read(last, line) is var (kind, column, message))
                error = new PolicyParseError(line, column, kind, message) { EndsWithDot = message == TrailingDot };
        }

        if (error is null && fields.FindMissing() is var (missing, text))
            error = missing == PolicyParseErrorKind.MissingMx && fields.IdleMx is { } idle ? idle
                : new PolicyParseError(line, last.Length + 1, missing, text);
        if (error is not null)
            return false;
        if (fields is { Mode: PolicyMode.None, HasMx: false })
            fields.Remark(line, PolicyRemarkKind.NoneWithoutMx, "there is no mx");
        remarks = [.. fields.Remarks];
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

        private static readonly SearchValues<char> s_labelCharacters =
            SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

        private bool _version;

        public PolicyMode? Mode { get; private set; }

        public int? MaxAge { get; private set; }

        public List<MxPattern> Mx { get; } = [];

        public bool HasMx => Mx.Count > 0 || IdleMx is not null;

        /// <summary>The first <c>mx</c> that allows no host, as the error that it is without any other.</summary>
        public PolicyParseError? IdleMx { get; private set; }

        public List<PolicyRemark> Remarks { get; } = [];

        /// <summary>One of each kind, but each line with an idle <c>mx</c>.</summary>
        public void Remark(int line, PolicyRemarkKind kind, string message)
        {
            if (Remarks.Count < MaxRemarks && (kind == PolicyRemarkKind.IdleMx || !Remarks.Exists(known => known.Kind == kind)))
                Remarks.Add(new PolicyRemark(line, kind, message));
        }

        public (PolicyParseErrorKind Kind, string Message)? FindMissing() => this switch
        {
            { _version: false } => (PolicyParseErrorKind.MissingVersion, "the field version is missing"),
            { Mode: null } => (PolicyParseErrorKind.MissingMode, "the field mode is missing"),
            { MaxAge: null } => (PolicyParseErrorKind.MissingMaxAge, "the field max_age is missing"),
            { Mx.Count: 0, Mode: not PolicyMode.None } =>
                (PolicyParseErrorKind.MissingMx, "the field mx is missing, and the mode is not none"),
            _ => null,
        };

        public (PolicyParseErrorKind Kind, int Column, string Message)? Read(ReadOnlySpan<byte> line, int number)
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
            var column = trimmed.Length - value.Length + 1;
            return ReadValue(name, value, number, column) is var (kind, message) ? (kind, column, message) : null;
        }

        private (PolicyParseErrorKind Kind, string Message)? ReadValue(
            ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int line, int column)
        {
            if (name.SequenceEqual("mx"u8))
                return ReadMx(value, line, column);
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
            if (!Utf8.IsValid(value))
                return (PolicyParseErrorKind.InvalidExtension, "the value is not UTF-8");
            RemarkIgnored(name, value, line);
            return null;
        }

        private void RemarkIgnored(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int line)
        {
            if (name.SequenceEqual("version"u8) || name.SequenceEqual("mode"u8) || name.SequenceEqual("max_age"u8))
                Remark(line, PolicyRemarkKind.RepeatedField, $"the field {Encoding.ASCII.GetString(name)} is repeated");
            if (value.Contains((byte)':'))
                Remark(line, PolicyRemarkKind.ExtensionWithColon, "the value of a field that senders ignore has a colon");
            if (!Ascii.IsValid(value))
                Remark(line, PolicyRemarkKind.ExtensionOutsideAscii, "the value of a field that senders ignore is not ASCII");
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

        private (PolicyParseErrorKind Kind, string Message)? ReadMx(ReadOnlySpan<byte> value, int line, int column)
        {
            if (!Ascii.IsValid(value))
                return (PolicyParseErrorKind.InvalidMx, "the mx has a letter outside ASCII; write the A-label (xn--)");
            // A Domain of RFC 5321 §4.1.2 has no trailing dot.
            if (value is [.., (byte)'.'])
                return (PolicyParseErrorKind.InvalidMx, TrailingDot);
            var text = Encoding.ASCII.GetString(value);
            if (MxPattern.TryParse(text, out var pattern, out var error))
            {
                Mx.Add(pattern);
                if (pattern.Value.Split('.').Any(static label => label is [_, _, '-', '-', ..] and not ['x', 'n', ..]))
                    Remark(line, PolicyRemarkKind.RLdhLabel, "the mx has a label with hyphens at its third and fourth place");
                return null;
            }

            if (!FitsGrammar(text))
                return (PolicyParseErrorKind.InvalidMx, $"the mx {error}");
            IdleMx ??= new PolicyParseError(line, column, PolicyParseErrorKind.InvalidMx, $"the mx {error}");
            Remark(line, PolicyRemarkKind.IdleMx, $"the mx {error}");
            return null;
        }

        /// <summary><c>["*."] Domain</c>, RFC 8461 §3.2 and RFC 5321 §4.1.2, which limits no lengths.</summary>
        private static bool FitsGrammar(ReadOnlySpan<char> mx)
        {
            var domain = mx.StartsWith("*.", StringComparison.Ordinal) ? mx[2..] : mx;
            foreach (var range in domain.Split('.'))
            {
                var label = domain[range];
                if (label.IsEmpty || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(s_labelCharacters))
                    return false;
            }

            return true;
        }

        private static bool IsName(ReadOnlySpan<byte> name) =>
            name.Length is > 0 and <= 32 && char.IsAsciiLetterOrDigit((char)name[0]) && !name.ContainsAnyExcept(s_nameCharacters);
    }
}
