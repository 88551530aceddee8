using MailRecords;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>The records that claim to be DMARC's at a name.</summary>
/// <param name="Domain">Without <c>_dmarc.</c>.</param>
internal sealed record DmarcFound(string Domain, IReadOnlyList<string> Texts)
{
    /// <summary>The one that counts; several count as none, as one that is malformed does. RFC 9989 §4.10.</summary>
    public DmarcRecord? Record => Texts.Count == 1 && DmarcRecord.TryParse(Texts[0], out var record, out _) ? record : null;
}

/// <summary>
/// Climbs from a domain to the records that hold for it: the tree walk of RFC 9989 §4.10, which needs no list of public suffixes.
/// At most eight queries.
/// </summary>
internal static class DmarcDiscovery
{
    private const int MaxLabels = 7;

    public static async Task<DmarcFound> AtAsync(string domain, IResolver resolver, CancellationToken cancellationToken)
    {
        var name = $"_dmarc.{domain}";
        // RFC 1035 §2.3.4: nothing is at such a name.
        if (name.Length > MtaSts.DomainName.MaxLength) return new DmarcFound(domain, []);
        return new DmarcFound(domain, [.. (await resolver.TxtAsync(name, cancellationToken)).Where(DmarcRecord.IsCandidate)]);
    }

    /// <summary>The names that are asked above a domain. With many labels, most are passed over. RFC 9989 §4.10, steps 3 to 5.</summary>
    public static IEnumerable<string> Above(string domain)
    {
        var labels = domain.Split('.');
        for (var count = Math.Min(labels.Length - 1, MaxLabels); count >= 1; count--) yield return string.Join('.', labels[^count..]);
    }

    /// <summary>The organizational domain and its record, or that of the public suffix over it. RFC 9989 §4.10.1, §4.10.2.</summary>
    /// <param name="own">What is at the domain itself.</param>
    /// <returns>The name of the organizational domain, and what holds for the domain; <c>null</c> when nothing does.</returns>
    public static async Task<(string Organization, DmarcFound? Found)> ClimbAsync(DmarcFound own,
        IResolver resolver, CancellationToken cancellationToken)
    {
        var best = own.Record is null ? null : own;
        if (own.Record is { Psd: 'n' or 'y' }) return (own.Domain, own);
        var below = own.Domain;
        foreach (var name in Above(own.Domain))
        {
            var found = await AtAsync(name, resolver, cancellationToken);
            switch (found.Record)
            {
                case { Psd: 'n' }:
                    return (name, found);
                case { Psd: 'y' }:
                    // The organization is one label below a public suffix, whether or not it has a record.
                    return (below, best?.Domain == below ? best : found);
                case not null:
                    best = found;
                    break;
            }

            below = name;
        }

        return (best?.Domain ?? own.Domain, best);
    }
}
