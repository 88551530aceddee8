using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>
/// A certificate's identifier in renewal information and in <c>replaces</c>: its issuer's key identifier and its serial number, in
/// base64url, separated by a dot. RFC 9773 §4.1.
/// </summary>
public sealed record CertificateId
{
    private const int MaxValue = 512;

    private CertificateId(string value) => Value = value;

    /// <summary>The whole text.</summary>
    public string Value { get; }

    /// <summary>The id of a certificate.</summary>
    /// <returns>The id; null when the certificate lacks its issuer's key identifier.</returns>
    public static CertificateId? From(X509Certificate2 certificate)
    {
        // SerialNumberBytes includes the leading zero of a DER integer whose first bit is set.
        return CertificatePath.IssuerKeyIdentifier(certificate) is { Length: > 0 } bytes
            ? new CertificateId($"{Base64Url.EncodeToString(bytes.Span)}.{Base64Url.EncodeToString(certificate.SerialNumberBytes.Span)}")
            : null;
    }

    /// <summary>Reads a stored id.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CertificateId? id)
    {
        id = text is { Length: <= MaxValue } && text.Split('.') is [var issuer, var serial] && IsPart(issuer) && IsPart(serial)
            ? new CertificateId(text)
            : null;
        return id is not null;
    }

    /// <summary>The whole text.</summary>
    public override string ToString() => Value;

    private static bool IsPart(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Base64UrlAlphabet.Characters);
}
