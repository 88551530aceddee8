namespace Acme;

/// <summary>Why a certificate is revoked, as far as subscribers may say. RFC 5280 §5.3.1, RFC 8555 §7.6.</summary>
public enum RevocationReason
{
    /// <summary>No reason.</summary>
    Unspecified = 0,

    /// <summary>Somebody else may have the private key.</summary>
    KeyCompromise = 1,

    /// <summary>The subject's name or other data have changed.</summary>
    AffiliationChanged = 3,

    /// <summary>Another certificate has taken its place.</summary>
    Superseded = 4,

    /// <summary>The names are no longer in use.</summary>
    CessationOfOperation = 5,
}
