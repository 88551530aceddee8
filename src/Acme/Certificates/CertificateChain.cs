using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Acme;

/// <summary>
/// A certificate as a CA delivers it, the certificates that lead to a root after it; the root itself mostly is not there. RFC 8555
/// §7.4.2, §9.1.
/// </summary>
public sealed class CertificateChain : IDisposable
{
    /// <summary>No chain may have more certificates.</summary>
    public const int MaxCertificates = 16;

    private readonly List<X509Certificate2> _certificates;

    private CertificateChain(List<X509Certificate2> certificates)
    {
        _certificates = certificates;
        var pem = new StringBuilder();
        foreach (var certificate in certificates)
            pem.Append(certificate.ExportCertificatePem()).Append('\n');
        Pem = pem.ToString();
    }

    /// <summary>The certificate for the account's names.</summary>
    public X509Certificate2 Leaf => _certificates[0];

    /// <summary>All certificates, leaf first. The chain disposes of them.</summary>
    public IReadOnlyList<X509Certificate2> Certificates => _certificates;

    /// <summary>
    /// The whole chain as PEM, each certificate written afresh: whatever else the server sent with them is not there. RFC 8555 §11.4 warns
    /// of keys and configuration in what ends up in a server's files.
    /// </summary>
    public string Pem { get; }

    /// <summary>Other chains for the same certificate, from <c>Link: …;rel="alternate"</c>: RFC 8555 §7.4.2.</summary>
    public IReadOnlyList<Uri> Alternates { get; internal init; } = [];

    /// <summary>The common name of the root that the chain leads to: the issuer of its last certificate. May be empty.</summary>
    public string RootCommonName => _certificates[^1].GetNameInfo(X509NameType.SimpleName, forIssuer: true);

    /// <summary>Reads PEM. Text around the certificates is passed over; anything but certificates is an error.</summary>
    /// <param name="pem">One to <see cref="MaxCertificates"/> certificates, leaf first.</param>
    /// <param name="chain">The chain, when it can be read.</param>
    /// <param name="error">What is wrong, else; it repeats nothing of the text.</param>
    /// <returns>Whether it can be read.</returns>
    public static bool TryParse(string pem, [NotNullWhen(true)] out CertificateChain? chain, [NotNullWhen(false)] out string? error) =>
        TryParse(pem, [], out chain, out error);

    internal static bool TryParse(
        string pem, IReadOnlyList<Uri> alternates, [NotNullWhen(true)] out CertificateChain? chain, [NotNullWhen(false)] out string? error)
    {
        var certificates = new List<X509Certificate2>();
        error = ReadAll(pem, certificates);
        if (error is not null)
        {
            certificates.ForEach(static certificate => certificate.Dispose());
            chain = null;
            return false;
        }

        chain = new CertificateChain(certificates) { Alternates = alternates };
        return true;
    }

    /// <summary>Looks for what would make the chain useless. It doesn't ask whether anybody trusts its root.</summary>
    /// <param name="key">The key that it was ordered for.</param>
    /// <param name="identifiers">What it was ordered for.</param>
    /// <param name="now">The time at which it is to be in date.</param>
    /// <returns>All that is wrong with it.</returns>
    public CertificateChainFaults Check(CertificateKey key, IEnumerable<Identifier> identifiers, DateTimeOffset now)
    {
        var faults = CertificateChainFaults.None;
        if (!key.Matches(Leaf))
            faults |= CertificateChainFaults.WrongKey;
        if (!SubjectNames.Covers(Leaf, identifiers))
            faults |= CertificateChainFaults.WrongName;
        foreach (var certificate in _certificates)
        {
            // Both dates are local time, whatever the certificate says.
            if (now >= certificate.NotAfter.ToUniversalTime())
                faults |= CertificateChainFaults.Expired;
            if (now < certificate.NotBefore.ToUniversalTime())
                faults |= CertificateChainFaults.NotYetValid;
        }

        for (var i = 1; i < _certificates.Count; i++)
        {
            if (!_certificates[i - 1].IssuerName.RawData.AsSpan().SequenceEqual(_certificates[i].SubjectName.RawData))
                faults |= CertificateChainFaults.OutOfOrder;
        }

        return faults;
    }

    /// <summary>Disposes of the certificates.</summary>
    public void Dispose() => _certificates.ForEach(static certificate => certificate.Dispose());

    private static string? ReadAll(string pem, List<X509Certificate2> certificates)
    {
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            // What stands before the block found, and begins like one, is a block that is broken.
            if (rest[..fields.Location.Start.Value].Contains("-----BEGIN ", StringComparison.Ordinal))
                return $"certificate {certificates.Count + 1} is not whole";
            if (!rest[fields.Label].SequenceEqual("CERTIFICATE"))
                return "there is something else than certificates in it";
            if (certificates.Count == MaxCertificates)
                return $"it has more than {MaxCertificates} certificates";
            try
            {
                certificates.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
            }
            catch (CryptographicException)
            {
                return $"certificate {certificates.Count + 1} can't be read";
            }

            rest = rest[fields.Location.End..];
        }

        return certificates.Count == 0 ? "there is no certificate in it"
            : rest.Contains("-----BEGIN ", StringComparison.Ordinal) ? $"certificate {certificates.Count + 1} is not whole"
            : null;
    }
}
