using System.CommandLine;
using System.Globalization;
using MtaSts;
using MtaStsHost.Hosting;
using MtaStsHost.Management.Health;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary><c>history</c>: what a domain was served with, and what senders may hold of it until when.</summary>
internal static class HistoryCommand
{
    public static Command Create(CliContext context)
    {
        var domains = DomainArgument.Create("history", "Mail domains, configured or not any more.", ArgumentArity.OneOrMore);
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("history",
            "Shows the policies that a domain was served with, what senders may hold until when, and when it is safe to "
            + "remove.") { domains, json };
        command.SetAction((parsed, cancellation) =>
            RunAsync(context, parsed, parsed.GetValue(domains) ?? [], parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string[] texts, bool json, CancellationToken cancellationToken)
    {
        var loaded = context.Loader(parsed).Load();
        if (ServiceConfiguration.Parse(loaded) is not { } configuration)
        {
            ProblemOutput.Write(loaded.Problems, Console.Error);
            return ExitCode.Configuration;
        }

        var domains = texts.Select(text => DomainName.TryParse(text, out var domain, out _) ? domain.Value : text)
            .Distinct(StringComparer.Ordinal).ToList();
        if (!configuration.Settings.Storage.Exists)
        {
            var (what, remedy) = configuration.Settings.Storage.WhyNotThere;
            CliOutput.Error("Storage:ConnectionString", what, remedy);
            return ExitCode.Failed;
        }

        try
        {
            await using var store = configuration.Settings.Storage.Open(TimeProvider.System);
            var stored = await StoredHistory.ReadAsync(store, configuration, domains, cancellationToken);
            var unknown = domains.Where(domain => !stored.Domains.ContainsKey(domain)).ToList();
            foreach (var domain in unknown) CliOutput.Error(domain, "was never served by this host",
                "check the spelling; a domain has a history once it is configured and the host runs");
            if (unknown.Count > 0) return ExitCode.Failed;
            Write([.. domains.Select(domain => (Served(domain, configuration, stored), stored.Domains[domain]))], json);
            return ExitCode.Good;
        }
        catch (StoreException e)
        {
            CliOutput.Error("Storage", e.What, e.Remedy);
            return ExitCode.Failed;
        }
    }

    private static ServedPolicy? Served(string domain, ServiceConfiguration configuration, StoredHistory stored) =>
        configuration.Policies.TryFind(PolicyFetcher.HostPrefix + domain, out var policy)
            ? policy : stored.Removed.FirstOrDefault(removed => removed.Domain.Value == domain);

    private static void Write(IReadOnlyList<(ServedPolicy? Served, DomainHistory History)> domains, bool json)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (json)
        {
            CliOutput.Json(
                new HistoryResult([.. domains.Select(domain => new DomainHistoryResult(
                    domain.History.Policies[0].Key.Domain, [.. domain.History.Policies.Select(policy => PastPolicyHealth.Of(policy, now))],
                        RetirementHealth.Of(domain.History, domain.Served)))]),
                CliJson.Plain.HistoryResult);
            return;
        }

        CliOutput.Table(
            ["domain", "id", "mode", "max_age", "mx", "first served", "last served", "last fetched", "cached until"],
            domains.SelectMany(domain => domain.History.Policies.Select(policy => Row(policy, now))));
        foreach (var (served, history) in domains)
        {
            foreach (var line in Words(served, history, now)) Console.Out.WriteLine(line);
        }
    }

    private static string[] Row(StoredPolicy policy, DateTimeOffset now)
    {
        var row = PastPolicyHealth.Of(policy, now);
        return
        [
            policy.Key.Domain, row.Id, row.Mode, row.MaxAge.ToString(CultureInfo.InvariantCulture),
                string.Join(' ', row.Mx), DeadlineText.Since(row.FirstServed),
            row.InForce ? "in force" : DeadlineText.Since(row.LastServed), row.LastFetched is { } fetched
                ? DeadlineText.Since(fetched) : "-", row.CachedUntil > now ? DeadlineText.Stamp(row.CachedUntil) : "-",
        ];
    }

    /// <summary>The same in words, the last of which say whether the domain may be removed.</summary>
    internal static IEnumerable<string> Words(ServedPolicy? served, DomainHistory history, DateTimeOffset now)
    {
        var domain = history.Policies[0].Key.Domain;
        foreach (var cached in history.Cached)
            yield return $"{domain}: senders may hold the policy {cached.Id} (mode {PolicyModes.ToText(cached.Policy.Mode)}) until "
                + $"{DeadlineText.Text(cached.Until, now)}";
        if (history.IdUnchangedUntil is { } unchanged)
            yield return $"{domain}: the id {history.IdInForce} was that of another text too: senders that hold it keep to it until "
                + $"{DeadlineText.Text(unchanged, now)}; take Id out, or change it";
        yield return history.StateOf(served) switch
        {
            RetirementState.Retiring when !history.IsInForce(served!) =>
                $"{domain}: mode none is configured, and not served yet, as far as the store knows"
                + (history.BoundUntil is { } bound
                    ? $"; must stay until {DeadlineText.Text(bound, now)} at least, were it served from now on" : ""),
            RetirementState.Retiring => $"{domain}: in mode none; must stay until {DeadlineText.Text(history.BoundUntil!.Value, now)}",
            RetirementState.Removed =>
                $"{domain}: not configured any more; its records must stay until "
                + $"{DeadlineText.Text(served?.RetiredUntil ?? history.BoundUntil!.Value, now)}",
            RetirementState.SafeToRemove =>
                $"{domain}: safe to "
                + $"remove{(history.FreeSince is { } since ? $" since {DeadlineText.Stamp(since)}" : ": it was in no mode but none here")}",
            _ when history.InForce is { } policy =>
                $"{domain}: in mode {policy.Mode} since {DeadlineText.Since(history.ModeSince!.Value)}; to remove it, set Mode to none "
                + $"first: senders hold this policy for {policy.MaxAge} s after it was served last",
            _ => $"{domain}: configured, and not served yet",
        };
    }
}

/// <summary>What <c>history --json</c> prints.</summary>
internal sealed record HistoryResult(IReadOnlyList<DomainHistoryResult> Domains);

internal sealed record DomainHistoryResult(string Domain, IReadOnlyList<PastPolicyHealth> History, RetirementHealth Retirement);
