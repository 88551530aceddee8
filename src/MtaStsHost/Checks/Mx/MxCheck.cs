using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mx;

/// <summary>Looks up the MX hosts of a domain and connects to all of their addresses, side by side. What a domain can make it cost is
/// bounded: <see cref="MaxHosts"/> × <see cref="MxFacts.MaxAddresses"/> connections, <see cref="MaxConnections"/> at once, each as long and
/// as big as <see cref="SmtpProbe"/> allows.</summary>
internal sealed class MxCheck(IResolver dns, MxProbes probes, TimeProvider time)
{
    public const int MaxHosts = 20;

    /// <summary>Further names are dropped: an answer over TCP has room for thousands, and findings keep them.</summary>
    public const int MaxNames = 100;

    public const int MaxConnections = 8;

    /// <param name="policy">The one that the hosts are compared with; null: none.</param>
    /// <param name="isSeen">Whether the domain's senders see that policy already; only then do they refuse hosts because of it.</param>
    /// <param name="notOlderThan">The greatest age of a result from another domain's check; null: any.</param>
    /// <exception cref="OperationCanceledException">And nothing else.</exception>
    public async Task<MxReport> CheckAsync(DomainName domain, Policy? policy,
        bool isSeen, TimeSpan? notOlderThan, CancellationToken cancellationToken) =>
        MxJudgement.Judge(await LookAsync(new MxFacts(domain, policy, time.GetUtcNow()) { IsSeen = isSeen },
            notOlderThan, cancellationToken));

    private async Task<MxFacts> LookAsync(MxFacts facts, TimeSpan? notOlderThan, CancellationToken cancellationToken)
    {
        var domain = facts.Domain;
        var (records, fault) = await dns.MxAsync(domain.Value, cancellationToken).OrFaultAsync();
        if (records is null) return facts with { LookupError = fault };
        if (records.Count == 0)
        {
            (var own, fault) = await dns.AddressesAsync(domain.Value, cancellationToken).AsTask().OrFaultAsync();
            if (own is null or []) return facts with { LookupError = fault };
            records = [new MxRecord(0, domain.Value)];
            facts = facts with { IsImplicit = true };
        }

        // Those of one preference come in turns.
        var names = records.OrderBy(record => record.Preference).ThenBy(record => record.Exchange, StringComparer.OrdinalIgnoreCase)
            .Select(record => record.Exchange).Where(name => name.Length > 0)
                .GroupBy(name => name, StringComparer.OrdinalIgnoreCase).ToList();
        return facts with
        {
            HasNullMx = records.Any(record => record.Exchange.Length == 0),
            Repeated = [.. names.Where(group => group.Count() > 1).Select(group => group.Key).Take(MaxNames)],
            DroppedNames = Math.Max(0, names.Count - MaxNames),
            Hosts = await LookAtHostsAsync([.. names.Take(MaxNames).Select(group => Name(group.Key))], notOlderThan, cancellationToken),
        };
    }

    private static MxHost Name(string exchange)
    {
        var isName = DomainName.TryParse(exchange, out _, out var error) && Ascii.IsValid(exchange);
        return new MxHost(exchange) { NameFault = isName ? null : error ?? "contains characters that are not ASCII" };
    }

    private async Task<IReadOnlyList<MxHost>> LookAtHostsAsync(IReadOnlyList<MxHost> hosts,
        TimeSpan? notOlderThan, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(MaxConnections);
        var looked = await Task.WhenAll(hosts.Where(host => host.IsLookedAt)
            .Take(MaxHosts).Select(host => LookAtAsync(host, slots, notOlderThan, cancellationToken)));
        var byName = looked.ToDictionary(host => host.Name, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. hosts.Select(host => byName.GetValueOrDefault(host.Name, host with { IsLeftOut = true })).Select(host => host with
            {
                // Only now: another host may have proven it after this one had failed.
                Addresses = [.. host.Addresses.Select(entry => entry with { IsPortOpen = probes.IsPortOpen(entry.Address) })],
            }),
        ];
    }

    private async Task<MxHost> LookAtAsync(MxHost host, SemaphoreSlim slots, TimeSpan? notOlderThan, CancellationToken cancellationToken)
    {
        var tlsa = CountTlsaAsync(host.Name, cancellationToken);
        var (answer, fault) = await dns.AddressAnswerAsync(host.Name, cancellationToken).OrFaultAsync();
        if (answer is null) return host with { LookupError = fault, TlsaRecords = await tlsa };
        var addresses = answer.Records.InOrder().ToList();
        var chosen = addresses.OfBothFamilies().Take(MxFacts.MaxAddresses);
        return host with
        {
            LookupError = answer.Missed,
            Aliases = answer.Aliases,
            LeftOutAddresses = Math.Max(0, addresses.Count - MxFacts.MaxAddresses),
            Addresses = await Task.WhenAll(chosen.Select(address =>
                ProbeAsync(host.Name, address, slots, notOlderThan, cancellationToken))),
            TlsaRecords = await tlsa,
        };
    }

    private async Task<MxAddress> ProbeAsync(string host, IPAddress address,
        SemaphoreSlim slots, TimeSpan? notOlderThan, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            return new MxAddress(address, await probes.ProbeAsync(host, address, notOlderThan, cancellationToken), IsPortOpen: false);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<int?> CountTlsaAsync(string host, CancellationToken cancellationToken)
    {
        var (count, fault) = await dns.TlsaAsync($"_25._tcp.{host}", cancellationToken).OrFaultAsync();
        return fault is null ? count : null;
    }
}
