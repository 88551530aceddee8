namespace MailRecords;

/// <summary>The result of a mechanism that matches. RFC 7208 §4.6.2.</summary>
public enum SpfQualifier
{
    /// <summary><c>+</c>, the default.</summary>
    Pass,

    /// <summary><c>-</c>.</summary>
    Fail,

    /// <summary><c>~</c>.</summary>
    SoftFail,

    /// <summary><c>?</c>.</summary>
    Neutral,
}

/// <summary>The mechanisms of RFC 7208 §5.</summary>
public enum SpfMechanism
{
    /// <summary>Matches every host.</summary>
    All,

    /// <summary>Matches what passes the record of another domain.</summary>
    Include,

    /// <summary>Matches the addresses of a name.</summary>
    A,

    /// <summary>Matches the addresses of a domain's MX hosts.</summary>
    Mx,

    /// <summary>Matches hosts whose reverse name is within a domain; deprecated.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The name in RFC 7208.")]
    Ptr,

    /// <summary>Matches an IPv4 network.</summary>
    Ip4,

    /// <summary>Matches an IPv6 network.</summary>
    Ip6,

    /// <summary>Matches when a name has an A record.</summary>
    Exists,
}

/// <summary>One mechanism with its qualifier.</summary>
/// <param name="Qualifier">The result for hosts that match.</param>
/// <param name="Mechanism">Which hosts match.</param>
/// <param name="Text">As written in the record.</param>
/// <param name="Position">Where the term begins; the first character of the record is 1.</param>
/// <param name="Domain">The domain-spec, with its macros; <c>null</c> means the record's own domain.</param>
/// <param name="Prefix">The prefix lengths (<c>/24//64</c>), or <c>null</c>.</param>
public sealed record SpfDirective(
    SpfQualifier Qualifier, SpfMechanism Mechanism, string Text, int Position, string? Domain, SpfPrefix? Prefix);

/// <summary>The prefix lengths of a mechanism.</summary>
/// <param name="Ip4">In bits, 0 to 32, or <c>null</c>.</param>
/// <param name="Ip6">In bits, 0 to 128, or <c>null</c>.</param>
public readonly record struct SpfPrefix(int? Ip4, int? Ip6);
