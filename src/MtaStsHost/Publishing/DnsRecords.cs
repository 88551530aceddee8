using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Publishing;

/// <summary>One record to publish.</summary>
/// <param name="Domain">The policy domain that the record is for.</param>
/// <param name="Name">Without the final dot.</param>
/// <param name="Value">A TXT's text, an address, or a CNAME's target without the final dot.</param>
internal sealed record DnsRecord(DomainName Domain, string Name, string Type, string Value)
{
    /// <summary>Seconds.</summary>
    public const int Ttl = ServedPolicy.TxtTtl;

    /// <summary>The name within the domain's own zone: <c>_mta-sts</c>.</summary>
    public string RelativeName => Name[..^(Domain.Value.Length + 1)];
}

/// <summary>The records of one domain, and notes on those that are missing.</summary>
internal sealed record DnsRecords(ServedPolicy Policy, IReadOnlyList<DnsRecord> Records, IReadOnlyList<string> Notes)
{
    public static DnsRecords Of(ServedPolicy policy, PublicHost? publicHost)
    {
        var domain = policy.Domain;
        var records = new List<DnsRecord> { new(domain, policy.TxtName, "TXT", policy.TxtValue) };
        var notes = new List<string>();

        if (publicHost is null)
            notes.Add(
                $"{policy.Host}: point it to this server; if MtaSts:PublicHost is set to its name or addresses, the record is shown here");
        else if (publicHost.Name is { } name && name.Value == policy.Host)
            notes.Add($"{policy.Host} is MtaSts:PublicHost itself: give it the server's addresses");
        else if (publicHost.Name is not null)
            records.Add(new DnsRecord(domain, policy.Host, "CNAME", publicHost.Name.Value));
        else
            records.AddRange(publicHost.Addresses.Select(address =>
                new DnsRecord(domain, policy.Host, address.AddressFamily == AddressFamily.InterNetwork
                ? "A" : "AAAA", address.ToString())));

        if (TlsRptRecord.NameFor(domain) is { Length: > DomainName.MaxLength } tooLong)
            notes.Add($"a TLSRPT record would be at a name of {tooLong.Length} characters, and DNS allows {DomainName.MaxLength}: "
                + $"{domain} can't have one");
        else if (!policy.TlsRpt.IsEmpty)
            records.Add(new DnsRecord(domain, TlsRptRecord.NameFor(domain), "TXT", TlsRptRecord.Format(policy.TlsRpt)));
        else if (policy.Removal is null)
            notes.Add($"{TlsRptRecord.NameFor(domain)}: set TlsRpt to have senders report failures (RFC 8460)");
        return new DnsRecords(policy, records, notes);
    }
}
