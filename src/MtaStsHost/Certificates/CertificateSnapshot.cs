using System.Collections.Immutable;

namespace MtaStsHost.Certificates;

/// <summary>The certificates in force at one moment, by the names that they are for. Never changes.</summary>
internal sealed class CertificateSnapshot
{
    public static readonly CertificateSnapshot Empty = new([]);

    private readonly Dictionary<string, ServingCertificate>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly Dictionary<string, ServingCertificate>.AlternateLookup<ReadOnlySpan<char>> _wildcards;

    /// <param name="certificates">Where two are for the same name, the one that ends later is used.</param>
    public CertificateSnapshot(ImmutableArray<ServingCertificate> certificates)
    {
        All = certificates;
        var exact = new Dictionary<string, ServingCertificate>(StringComparer.OrdinalIgnoreCase);
        var wildcards = new Dictionary<string, ServingCertificate>(StringComparer.OrdinalIgnoreCase);
        foreach (var certificate in certificates)
        {
            foreach (var name in certificate.DnsNames)
            {
                var (table, key) = name.StartsWith("*.", StringComparison.Ordinal) ? (wildcards, name[2..]) : (exact, name);
                if (!table.TryGetValue(key, out var other) || other.NotAfter < certificate.NotAfter) table[key] = certificate;
            }
        }

        _exact = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcards = wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public ImmutableArray<ServingCertificate> All { get; }

    /// <summary>The exact name first, then a wildcard for its left-most label (RFC 6125 §6.4.3). Allocates nothing.</summary>
    public ServingCertificate? Find(ReadOnlySpan<char> host)
    {
        if (_exact.TryGetValue(host, out var certificate)) return certificate;
        var dot = host.IndexOf('.');
        return dot > 0 && _wildcards.TryGetValue(host[(dot + 1)..], out certificate) ? certificate : null;
    }
}
