namespace MtaStsHost.Certificates.Files;

/// <summary>The active certificates at one moment, by name. Immutable.</summary>
internal sealed class CertificateSnapshot
{
    public static readonly CertificateSnapshot Empty = new([]);

    private readonly Dictionary<string, ServingCertificate[]>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly Dictionary<string, ServingCertificate[]>.AlternateLookup<ReadOnlySpan<char>> _wildcards;

    public CertificateSnapshot(ImmutableArray<ServingCertificate> certificates)
    {
        All = certificates;
        var exact = new Dictionary<string, ServingCertificate[]>(StringComparer.OrdinalIgnoreCase);
        var wildcards = new Dictionary<string, ServingCertificate[]>(StringComparer.OrdinalIgnoreCase);
        // Of several for one name, the one that expires last comes first.
        foreach (var certificate in certificates.OrderBy(certificate => certificate.NotAfter))
        {
            foreach (var name in certificate.DnsNames)
            {
                var (table, key) = name.StartsWith("*.", StringComparison.Ordinal) ? (wildcards, name[2..]) : (exact, name);
                table[key] = [certificate, .. table.GetValueOrDefault(key, [])];
            }
        }

        _exact = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcards = wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public ImmutableArray<ServingCertificate> All { get; }

    /// <summary>
    /// The exact name first, then a wildcard for its left-most label (RFC 6125 §6.4.3); an expired one only where there is no other, since
    /// senders that don't enforce accept it. Allocates nothing.
    /// </summary>
    public ServingCertificate? Find(ReadOnlySpan<char> host, DateTimeOffset now)
    {
        _exact.TryGetValue(host, out var exact);
        if (InDate(exact, now) is { } certificate) return certificate;
        ServingCertificate[]? wildcard = null;
        var dot = host.IndexOf('.');
        if (dot > 0) _wildcards.TryGetValue(host[(dot + 1)..], out wildcard);
        return InDate(wildcard, now) ?? exact?[0] ?? wildcard?[0];
    }

    private static ServingCertificate? InDate(ServingCertificate[]? certificates, DateTimeOffset now)
    {
        if (certificates is null) return null;
        foreach (var certificate in certificates)
        {
            if (certificate.IsInDate(now)) return certificate;
        }

        return null;
    }
}
