using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>
/// A certificate as a CA delivers it, followed by the intermediates up to a root, which is usually omitted. RFC 8555 §7.4.2, §9.1.
/// </summary>
public sealed class CertificateChain : IDisposable
{
    /// <summary>The limit for one chain.</summary>
    public const int MaxCertificates = 16;

    private readonly List<X509Certificate2> _certificates;

    private CertificateChain(List<X509Certificate2> certificates)
    {
        _certificates = certificates;
        Pem = string.Concat(certificates.Select(static certificate => certificate.ExportCertificatePem() + "\n"));
    }

    /// <summary>The end-entity certificate.</summary>
    public X509Certificate2 Leaf => _certificates[0];

    /// <summary>All certificates, leaf first. The chain disposes of them.</summary>
    public IReadOnlyList<X509Certificate2> Certificates => _certificates;

    /// <summary>The chain as PEM, re-encoded: anything else that the server sent is dropped, which RFC 8555 §11.4 warns about.</summary>
    public string Pem { get; }

    /// <summary>Other chains for the same certificate, from <c>Link: …;rel="alternate"</c>: RFC 8555 §7.4.2.</summary>
    public IReadOnlyList<Uri> Alternates { get; internal init; } = [];

    /// <summary>The common name of the root: the issuer of the last certificate, or of the last one on the path from the first where they
    /// are in another order. May be empty.</summary>
    public string RootCommonName => CertificatePath.From(_certificates[0], _certificates)[^1]
        .GetNameInfo(X509NameType.SimpleName, forIssuer: true);

    /// <summary>Reads one to <see cref="MaxCertificates"/> certificates in PEM, leaf first. Text around them is ignored; other PEM blocks
    /// are an error. Errors never repeat the text.</summary>
    public static bool TryParse(string pem, [NotNullWhen(true)] out CertificateChain? chain, [NotNullWhen(false)] out string? error) =>
        TryParse(pem, [], out chain, out error);

    internal static bool TryParse(
        string pem, IReadOnlyList<Uri> alternates, [NotNullWhen(true)] out CertificateChain? chain, [NotNullWhen(false)] out string? error)
    {
        var certificates = new List<X509Certificate2>();
        error = ReadAll(pem, certificates);
        if (error is not null)
            certificates.ForEach(static certificate => certificate.Dispose());
        chain = error is null ? new CertificateChain(certificates) { Alternates = alternates } : null;
        return chain is not null;
    }

    /// <summary>
    /// The chain as a server sends it (RFC 8446 §4.4.2): the certificate of the key, followed by its issuers, each once. What isn't on that
    /// path is left out, and so are an issuer that has expired and those above it, such as an old cross-certificate of a root, unless it is
    /// the only one. A chain without the key's certificate, or without its issuer, stays as it is, for <see cref="Check"/> to find.
    /// </summary>
    /// <returns>Another chain, for the caller to dispose of too.</returns>
    public CertificateChain Arrange(CertificateKey key, DateTimeOffset now)
    {
        var path = _certificates.Find(key.Matches) is { } leaf ? CertificatePath.From(leaf, _certificates, now) : _certificates;
        if (path.Count == 1 && _certificates.Exists(other => !other.RawData.AsSpan().SequenceEqual(path[0].RawData)))
            path = _certificates;
        return new CertificateChain([.. path.Select(static one => X509CertificateLoader.LoadCertificate(one.RawData))])
        {
            Alternates = Alternates,
        };
    }

    /// <summary>Checks whether the chain can be served now, for the signing request's key and the order's identifiers. Doesn't check
    /// whether its root is trusted.</summary>
    public CertificateChainFaults Check(CertificateKey key, IEnumerable<Identifier> identifiers, DateTimeOffset now)
    {
        var faults = CertificateChainFaults.None;
        if (!key.Matches(Leaf))
            faults |= CertificateChainFaults.WrongKey;
        if (!SubjectNames.Covers(Leaf, identifiers))
            faults |= CertificateChainFaults.WrongName;
        if (CertificatePath.HasExpired(Leaf, now))
            faults |= CertificateChainFaults.Expired;
        if (now < Leaf.NotBefore.ToUniversalTime()) // .NET returns local time
            faults |= CertificateChainFaults.NotYetValid;
        if (_certificates.Skip(1).Any(issuer => CertificatePath.HasExpired(issuer, now)))
            faults |= CertificateChainFaults.IssuerExpired;

        for (var i = 1; i < _certificates.Count; i++)
        {
            if (!CertificatePath.IsIssuer(_certificates[i], _certificates[i - 1]))
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
            // An earlier BEGIN belongs to a broken block.
            if (rest[..fields.Location.Start.Value].Contains("-----BEGIN ", StringComparison.Ordinal))
                return $"certificate {certificates.Count + 1} is incomplete";
            if (!rest[fields.Label].SequenceEqual("CERTIFICATE"))
                return "it has a PEM block that is not a certificate";
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

        return certificates.Count == 0 ? "it has no certificates"
            : rest.Contains("-----BEGIN ", StringComparison.Ordinal) ? $"certificate {certificates.Count + 1} is incomplete"
            : null;
    }
}

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

    /// <summary>The first certificate has expired.</summary>
    Expired = 4,

    /// <summary>The first certificate is not valid yet, or this machine's clock is slow.</summary>
    NotYetValid = 8,

    /// <summary>A certificate didn't issue the one before it: RFC 8555 §9.1.</summary>
    OutOfOrder = 16,

    /// <summary>An issuer has expired. It says nothing about this machine's clock while the first certificate is valid.</summary>
    IssuerExpired = 32,
}
