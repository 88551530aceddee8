namespace Acme;

/// <summary>What a new account is to have, or what is to change of one. RFC 8555 §7.3, §7.3.2.</summary>
public sealed record AccountRequest
{
    /// <summary>URLs such as <c>mailto:admin@example.org</c>. Null leaves them as they are; empty takes them away.</summary>
    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary>Agrees to the directory's terms of service; most servers make no account without.</summary>
    public bool TermsOfServiceAgreed { get; init; }

    /// <summary>For servers that say <see cref="Directory.ExternalAccountRequired"/>; for new accounts only.</summary>
    public ExternalAccountBinding? ExternalAccountBinding { get; init; }
}
