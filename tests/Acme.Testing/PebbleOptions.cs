namespace Acme.Testing;

/// <summary>How a <see cref="PebbleServer"/> is to behave.</summary>
public sealed record PebbleOptions
{
    /// <summary>How many good nonces in a hundred are refused.</summary>
    public int RefusedNonces { get; init; } = 5;

    /// <summary>Names that it issues nothing for.</summary>
    public IReadOnlyList<string> Blocked { get; init; } = ["blocked.example"];

    /// <summary>MAC keys by key id, in base64url; when there are any, an account needs one.</summary>
    public IReadOnlyDictionary<string, string> ExternalAccounts { get; init; } = new Dictionary<string, string>();

    /// <summary>How many roots there are besides the first.</summary>
    public int AlternateRoots { get; init; }

    /// <summary>How many intermediates stand in a chain.</summary>
    public int ChainLength { get; init; } = 1;

    public TimeSpan CertificateLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Where it looks for HTTP-01.</summary>
    public int HttpPort { get; init; }

    /// <summary>Where it looks for TLS-ALPN-01.</summary>
    public int TlsPort { get; init; }

    /// <summary>Whether it takes every challenge as met without a look.</summary>
    public bool AlwaysValid { get; init; }
}
