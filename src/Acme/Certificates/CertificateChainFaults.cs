namespace Acme;

/// <summary>What is wrong with a chain that a CA delivered. RFC 8555 §7.4.2, §9.1.</summary>
[Flags]
public enum CertificateChainFaults
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The first certificate has another key.</summary>
    WrongKey = 1,

    /// <summary>The first certificate doesn't cover all identifiers.</summary>
    WrongName = 2,

    /// <summary>A certificate has expired.</summary>
    Expired = 4,

    /// <summary>A certificate is not valid yet, or this machine's clock is slow.</summary>
    NotYetValid = 8,

    /// <summary>A certificate didn't issue the one before it: RFC 8555 §9.1.</summary>
    OutOfOrder = 16,
}
