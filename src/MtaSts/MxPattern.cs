namespace MtaSts;

/// <summary>The value of an <c>mx</c> field: a host name, or <c>*.</c> and a name. RFC 8461 §3.2, §4.1.</summary>
public sealed record MxPattern
{
    private MxPattern(string value) => Value = value;

    /// <summary>The pattern in lower-case A-labels without a trailing dot: <c>mail.example.com</c> or <c>*.example.net</c>.</summary>
    public string Value { get; }

    /// <summary>Whether the leftmost label is <c>*</c>.</summary>
    public bool IsWildcard => Value[0] == '*';

    /// <summary>
    /// Reads and normalises a pattern, like <see cref="DomainName.TryParse"/>. A wildcard must be the whole leftmost label, above a name
    /// of at least two labels. Never throws.
    /// </summary>
    /// <param name="text">The pattern.</param>
    /// <param name="pattern">The normalised pattern, or null.</param>
    /// <param name="error">Null, or a short phrase whose subject is the pattern; never repeats it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MxPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        var wildcard = text is ['*', '.', ..];
        var name = wildcard ? text![2..] : text;
        if (name is not null && name.Contains('*', StringComparison.Ordinal))
        {
            error = "has a wildcard that is not the whole leftmost label";
            return false;
        }

        if (!DomainName.TryParse(name, out var domain, out error))
        {
            if (wildcard && error == "has a single label")
                error = "has a wildcard over a single label";
            else if (wildcard && error == "is empty")
                error = "has a wildcard over nothing";
            return false;
        }

        if (wildcard && domain.Value.Length > DomainName.MaxLength - 2)
        {
            error = $"has {domain.Value.Length + 2} characters; DNS allows {DomainName.MaxLength}";
            return false;
        }

        pattern = new MxPattern(wildcard ? "*." + domain.Value : domain.Value);
        return true;
    }

    /// <summary>
    /// Whether this pattern allows an MX host, ignoring case and one trailing dot; <c>*</c> stands for exactly one whole label.
    /// RFC 8461 §4.1. Allocates nothing.
    /// </summary>
    /// <param name="mxHost">The host name in the MX record, in A-labels.</param>
    public bool Matches(string? mxHost)
    {
        var host = mxHost.AsSpan();
        if (host is [.., '.'])
            host = host[..^1];
        if (!IsWildcard)
            return System.Text.Ascii.EqualsIgnoreCase(host, Value);
        var dot = host.IndexOf('.');
        return dot > 0 && System.Text.Ascii.EqualsIgnoreCase(host[dot..], Value.AsSpan(1));
    }

    /// <inheritdoc cref="Value"/>
    public override string ToString() => Value;
}
