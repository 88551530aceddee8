using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>
/// A certificate's name in renewal information and in <c>replaces</c>: the key identifier of its issuer and its serial number, each in
/// base64url, with a dot between them. RFC 9773 §4.1.
/// </summary>
public sealed record CertificateId
{
    private const int LongestValue = 512;

    private CertificateId(string value) => Value = value;

    /// <summary>The whole text.</summary>
    public string Value { get; }

    /// <summary>The id of a certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <returns>Its id; null when it doesn't name its issuer's key, and so has none.</returns>
    public static CertificateId? From(X509Certificate2 certificate)
    {
        // SerialNumberBytes are the DER integer's: with the leading zero where the first bit would otherwise make it negative.
        var keyIdentifier = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault();
        return ReadKeyIdentifier(keyIdentifier) is { Length: > 0 } bytes
            ? new CertificateId($"{Base64Url.EncodeToString(bytes.Span)}.{Base64Url.EncodeToString(certificate.SerialNumberBytes.Span)}")
            : null;
    }

    /// <summary>Reads an id that was stored.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The id, when it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CertificateId? id)
    {
        id = text is { Length: <= LongestValue } && text.Split('.') is [var issuer, var serial] && IsPart(issuer) && IsPart(serial)
            ? new CertificateId(text)
            : null;
        return id is not null;
    }

    /// <summary>The whole text.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Value;

    private static bool IsPart(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExcept(Base64UrlAlphabet.Characters);

    private static ReadOnlyMemory<byte>? ReadKeyIdentifier(X509AuthorityKeyIdentifierExtension? extension)
    {
        try
        {
            return extension?.KeyIdentifier;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
