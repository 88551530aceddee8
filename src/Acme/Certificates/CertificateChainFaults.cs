namespace Acme;

/// <summary>What is wrong with a chain that a CA delivered. RFC 8555 §7.4.2, §9.1.</summary>
[Flags]
public enum CertificateChainFaults
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The first certificate is for another key.</summary>
    WrongKey = 1,

    /// <summary>The first certificate lacks one of the identifiers.</summary>
    WrongName = 2,

    /// <summary>A certificate is past its end.</summary>
    Expired = 4,

    /// <summary>A certificate is before its start; perhaps only this machine's clock is.</summary>
    NotYetValid = 8,

    /// <summary>A certificate doesn't certify the one before it: RFC 8555 §9.1.</summary>
    OutOfOrder = 16,
}
