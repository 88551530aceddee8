using System.Buffers;

namespace MtaSts;

/// <summary>
/// The fields of a TXT record after its version. RFC 8461 §3.1 and RFC 8460 §3 share this grammar: a semicolon with optional
/// white space before each field, and optionally at the end.
/// </summary>
internal ref struct TxtFields(ReadOnlySpan<char> text, string version)
{
    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    private ReadOnlySpan<char> _rest = text.StartsWith(version, StringComparison.Ordinal) ? text[version.Length..] : default;

    public ReadOnlySpan<char> Name { get; private set; }

    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Null, or what is wrong; a phrase whose subject is the record.</summary>
    public string? Error { get; private set; } = text.StartsWith(version, StringComparison.Ordinal) && text[version.Length..] is [';', ..]
        ? null
        : $"doesn't start with {version};";

    /// <summary>Finds the record that begins with the version.</summary>
    /// <returns>Why there is not exactly one; null if there is.</returns>
    public static TxtSelection? FindOnly(IEnumerable<string> txts, string version, out string? only)
    {
        var candidates = txts.Where(txt => txt.StartsWith(version + ";", StringComparison.Ordinal)).Take(2).ToList();
        only = candidates.FirstOrDefault();
        return candidates.Count == 0 ? TxtSelection.Missing : candidates.Count > 1 ? TxtSelection.Multiple : null;
    }

    /// <summary>Whether white space precedes the first semicolon: the grammars allow it, and the texts of both sections discard such a
    /// record.</summary>
    public static bool HasSpacedVersion(string txt, string version) => txt.StartsWith(version, StringComparison.Ordinal)
        && txt.AsSpan(version.Length) is [' ' or '\t', ..] rest && rest.TrimStart(" \t") is [';', ..];

    /// <summary>Moves to the next field; false at the end and after an error.</summary>
    public bool MoveNext()
    {
        if (Error is not null || _rest.IsEmpty)
            return false;
        var after = _rest.TrimStart(" \t");
        if (after is not [';', ..])
        {
            Error = "has white space at its end";
            return false;
        }

        var field = after[1..].TrimStart(" \t");
        if (field.IsEmpty)
        {
            _rest = default;
            return false;
        }

        var end = field.IndexOf(';');
        var content = (end < 0 ? field : field[..end]).TrimEnd(" \t");
        _rest = field[content.Length..];
        var equals = content.IndexOf('=');
        Error = content.IsEmpty ? "has an empty field"
            : equals < 0 ? "has a field without an equals sign"
            : !IsName(content[..equals]) ? "has a field with a malformed name"
            : null;
        if (Error is not null)
            return false;
        Name = content[..equals];
        Value = content[(equals + 1)..];
        return true;
    }

    /// <summary>Checks the value of an unknown field; a well-formed one is ignored.</summary>
    public void JudgeExtension() =>
        Error = Value.IsEmpty ? "has a field without a value"
            : Value.ContainsAnyExceptInRange('!', '~') || Value.ContainsAny('=', ';') ? "has a field with a malformed value"
            : null;

    private static bool IsName(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= 32 && char.IsAsciiLetterOrDigit(name[0]) && !name.ContainsAnyExcept(s_nameCharacters);
}
