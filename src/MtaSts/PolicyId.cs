namespace MtaSts;

/// <summary>The id that shows senders that a policy has changed: 1 to 32 ASCII letters or digits, case-sensitive. RFC 8461 §3.1.</summary>
public sealed record PolicyId
{
    /// <summary>The maximum number of characters. RFC 8461 §3.1.</summary>
    public const int MaxLength = 32;

    private PolicyId(string value) => Value = value;

    /// <summary>The id as written in the TXT record.</summary>
    public string Value { get; }

    /// <summary>
    /// Derives an id from a policy: the first 32 lower-case hexadecimal digits of the SHA-256 of
    /// <see cref="PolicyFormatter.FormatCanonical"/>. RFC 8461 §3.1 leaves the choice to the domain.
    /// </summary>
    /// <returns>The same id for the same policy, whatever the order of its patterns.</returns>
    public static PolicyId Compute(Policy policy) =>
        new(Convert.ToHexStringLower(SHA256.HashData(PolicyFormatter.FormatCanonical(policy)).AsSpan(0, MaxLength / 2)));

    /// <summary>Reads an id. RFC 8461 §3.1. Never throws.</summary>
    /// <param name="text">The id.</param>
    /// <param name="id">The id, or null.</param>
    /// <param name="error">Null, or a short phrase whose subject is the id; never repeats it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PolicyId? id, [NotNullWhen(false)] out string? error)
    {
        id = null;
        error = text switch
        {
            null or "" => "is empty",
            { Length: > MaxLength } => $"has {text.Length} characters; an id has at most {MaxLength}",
            _ when !text.All(char.IsAsciiLetterOrDigit) => "has a character that is not an ASCII letter or digit",
            _ => null,
        };
        if (error is not null)
            return false;
        id = new PolicyId(text!);
        return true;
    }

    /// <inheritdoc cref="Value"/>
    public override string ToString() => Value;
}
