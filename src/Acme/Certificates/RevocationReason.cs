namespace Acme;

/// <summary>The revocation reasons that subscribers may give. RFC 5280 §5.3.1, RFC 8555 §7.6.</summary>
public enum RevocationReason
{
    /// <summary>No reason.</summary>
    Unspecified = 0,

    /// <summary>The private key may be compromised.</summary>
    KeyCompromise = 1,

    /// <summary>The subject's name or other data has changed.</summary>
    AffiliationChanged = 3,

    /// <summary>Another certificate replaces it.</summary>
    Superseded = 4,

    /// <summary>The names are no longer in use.</summary>
    CessationOfOperation = 5,
}
