namespace Acme;

/// <summary>The fields of a new account, or changes to an existing one. RFC 8555 §7.3, §7.3.2.</summary>
public sealed record AccountRequest
{
    /// <summary>URLs such as <c>mailto:admin@example.org</c>. Null leaves them unchanged; empty removes them.</summary>
    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary>Agrees to the directory's terms of service; most servers require it.</summary>
    public bool TermsOfServiceAgreed { get; init; }

    /// <summary>Required if <see cref="Directory.ExternalAccountRequired"/>; for new accounts only.</summary>
    public ExternalAccountBinding? ExternalAccountBinding { get; init; }
}
