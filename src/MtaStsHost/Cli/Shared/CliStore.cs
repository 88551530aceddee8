using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary>What the store knows about policies, for verbs that work without it too.</summary>
/// <param name="IsPastKnown">Whether the store knows what was served before.</param>
/// <param name="Removed">Domains that are no longer configured and are served in mode none.</param>
internal sealed record StoredHistory(
    bool IsPastKnown, IReadOnlyDictionary<string, DomainHistory> Domains, IReadOnlyList<ServedPolicy> Removed)
{
    /// <summary>Domains whose policies are served, as far as the store knows, and that this configuration lacks: it may be another one than
    /// the service's.</summary>
    public IReadOnlyCollection<string> ServedElsewhere { get; init; } = [];

    /// <returns><c>null</c> if there is no store, or it can't be read, which has been printed.</returns>
    public static async Task<StoredHistory?> FindAsync(ServiceConfiguration configuration,
        IReadOnlyCollection<string> domains, CancellationToken cancellationToken)
    {
        if (!configuration.Settings.Storage.Exists)
        {
            if (configuration.Settings.Storage.IsHidden) Warn(configuration.Settings.Storage.WhyNotThere);
            return null;
        }

        try
        {
            await using var store = configuration.Settings.Storage.Open(TimeProvider.System);
            return await ReadAsync(store, configuration, domains, cancellationToken);
        }
        catch (StoreException e)
        {
            Warn((e.What, e.Remedy));
            return null;
        }
    }

    private static void Warn((string What, string Remedy) fault) => CliOutput.Warning(
        "Storage:ConnectionString", $"{fault.What}, so earlier policies and removed domains are unknown here", fault.Remedy);

    /// <exception cref="StoreException">The store can't be read.</exception>
    public static async Task<StoredHistory> ReadAsync(IPolicyHistory store,
        ServiceConfiguration configuration, IReadOnlyCollection<string> domains, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        var past = await LedgerSnapshot.ReadAsync(
            store, configuration.Policies, configuration.Settings.Storage.UsedBy, now, cancellationToken);
        var removed = configuration.Settings.Transitions.Retires
            ? past.Copies.Concat(past.Left.Select(left => left.Copies))
                .Where(copies => copies.AreHeld(now) && !configuration.Policies.TryFind(copies.Host, out _))
                .Select(copies => copies.Retire()).ToList()
            : [];
        var rows = await store.ListPoliciesAsync([.. domains.Union(removed.Select(policy => policy.Domain.Value))], cancellationToken);
        return new StoredHistory(past.IsKnown, rows.GroupBy(row => row.Key.Domain)
            .ToDictionary(group => group.Key, group => new DomainHistory(group, now)), removed)
        {
            ServedElsewhere = [.. past.Left.Select(left => left.Policy.Domain.Value), .. past.Others.SelectMany(other => other.Domains)],
        };
    }
}

/// <summary>Opens the configured store for verbs that need it.</summary>
internal static class CliStore
{
    /// <returns>The exit code of <paramref name="work"/>, or 1 with one line if there is no store or it can't be read.</returns>
    public static async Task<int> UseAsync(StorageSettings storage, Func<SqlStore, Task<int>> work)
    {
        if (!storage.Exists)
        {
            var (what, remedy) = storage.WhyNotThere;
            CliOutput.Error("Storage:ConnectionString", what, remedy);
            return ExitCode.Failed;
        }

        try
        {
            await using var store = storage.Open(TimeProvider.System);
            return await work(store);
        }
        catch (StoreException e)
        {
            CliOutput.Error("Storage", e.What, e.Remedy);
            return ExitCode.Failed;
        }
    }
}
