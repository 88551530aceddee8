using System.CommandLine;
using MtaStsHost.Hosting;
using MtaStsHost.Management.Health;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary><c>history</c>: prints the policies that a domain was served with, and until when senders may hold them.</summary>
internal static class HistoryCommand
{
    public static Command Create(CliContext context)
    {
        var domains = CliOptions.Domains("history", "Mail domains, configured now or in the past.", ArgumentArity.OneOrMore);
        var json = CliOptions.Json();
        var command = new Verb("history",
            "Shows the policies that a domain was served with, until when senders may hold them, and when the domain is safe to remove.",
            "MtaStsHost history example.com",
            "MtaStsHost history --json example.com example.net") { domains, json, HistoryForgetCommand.Create(context) };
        command.SetAction((parsed, cancellation) =>
            RunAsync(context, parsed, parsed.GetValue(domains) ?? [], parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string[] texts, bool json, CancellationToken cancellationToken)
    {
        if (context.Parse(parsed) is not { } configuration) return ExitCode.Configuration;
        var domains = texts.Select(text => DomainName.TryParse(text, out var domain, out _) ? PolicyFetcher.DomainOf(domain).Value : text)
            .Distinct(StringComparer.Ordinal).ToList();
        return await CliStore.UseAsync(configuration.Settings.Storage, async store =>
        {
            var stored = await StoredHistory.ReadAsync(store, configuration, domains, cancellationToken);
            var unknown = domains.Where(domain => !stored.Domains.ContainsKey(domain)).ToList();
            foreach (var domain in unknown) CliOutput.Error(domain, "was never served here",
                "check the spelling; history begins when the service runs with the domain configured");
            if (unknown.Count > 0) return ExitCode.Failed;
            Write([.. domains.Select(domain => (Served(domain, configuration, stored), stored.Domains[domain]))], json);
            return ExitCode.Good;
        });
    }

    private static ServedPolicy? Served(string domain, ServiceConfiguration configuration, StoredHistory stored) =>
        configuration.Policies.TryFind(PolicyFetcher.HostPrefix + domain, out var policy)
            ? policy : stored.Removed.FirstOrDefault(removed => removed.Domain.Value == domain);

    private static void Write(IReadOnlyList<(ServedPolicy? Served, DomainHistory History)> domains, bool json)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (json)
        {
            CliOutput.Json(new HistoryResult([.. domains.Select(domain => new DomainHistoryResult(
                domain.History.Policies[0].Key.Domain, [.. domain.History.Policies.Select(policy => PastPolicyHealth.Of(policy, now))],
                RetirementHealth.Of(domain.History, domain.Served)))]));
            return;
        }

        string[][] rows = [.. domains.SelectMany(domain => domain.History.Policies.Select(policy => Row(policy, now)))];
        CliOutput.Table(
            new CliOutput.Rows(
                ["domain", "id", "mode", "max_age", "mx", "first served", "last served", "last fetched", "cached until"], rows),
            new CliOutput.Rows(["policy", "first served\nlast served", "last fetched\ncached until"], [.. rows.Select(Stack)]));
        foreach (var line in domains.SelectMany(domain => Words(domain.Served, domain.History, now))) Console.Out.WriteLine(line);
    }

    private static string[] Row(StoredPolicy policy, DateTimeOffset now)
    {
        var row = PastPolicyHealth.Of(policy, now);
        return
        [
            policy.Key.Domain,
            row.Id,
            row.Mode,
            row.MaxAge.ToString(CultureInfo.InvariantCulture),
            string.Join(' ', row.Mx),
            DeadlineText.Since(row.FirstServed),
            row.InForce ? "now" : DeadlineText.Since(row.LastServed),
            row.LastFetched is { } fetched ? DeadlineText.Since(fetched) : "-",
            row.CachedUntil > now ? DeadlineText.Stamp(row.CachedUntil) : "-",
        ];
    }

    /// <summary>The same in three columns, which fit on a terminal of 80.</summary>
    private static string[] Stack(string[] row) =>
    [
        $"{row[0]}\n{row[1]}\n{row[2]}, max_age {row[3]}\n{row[4].Replace(' ', '\n')}".TrimEnd(),
        $"{row[5]}\n{row[6]}",
        $"{row[7]}\n{row[8]}",
    ];

    /// <summary>The same as sentences; the last one says whether the domain may be removed.</summary>
    private static IEnumerable<string> Words(ServedPolicy? served, DomainHistory history, DateTimeOffset now)
    {
        var domain = history.Policies[0].Key.Domain;
        foreach (var cached in history.Cached)
            yield return $"{domain}: senders may hold policy {cached.Id} (mode {PolicyModes.ToText(cached.Policy.Mode)}) until "
                + $"{DeadlineText.Text(cached.Until, now)}";
        if (history.IsOldIdInDns && history.StateOf(served) is RetirementState.Retiring or RetirementState.Removed)
            yield return $"{domain}: its TXT record may still have an earlier id: some senders keep a policy for as long as they see its "
                + "id, so that max_age counts from when a check no longer finds it";
        if (history.IdUnchangedUntil is { } unchanged)
            yield return $"{domain}: id {history.IdInForce} was also used for another policy, which senders may keep until "
                + $"{DeadlineText.Text(unchanged, now)}; remove Id, or change it";
        yield return history.StateOf(served) switch
        {
            RetirementState.Retiring when !history.IsInForce(served!) =>
                $"{domain}: mode none is configured, but not served yet, as far as the store knows"
                + (history.BoundUntil is { } bound
                    ? $"; must stay until {DeadlineText.Text(bound, now)} at least, if it is served from now on" : ""),
            RetirementState.Retiring => $"{domain}: in mode none; must stay until {DeadlineText.Text(history.BoundUntil!.Value, now)}",
            RetirementState.Removed =>
                $"{domain}: no longer configured; its records must stay until "
                + $"{DeadlineText.Text(served?.RetiredUntil ?? history.BoundUntil!.Value, now)}",
            RetirementState.SafeToRemove =>
                $"{domain}: safe to remove"
                + (history.FreeSince is { } since ? $" since {DeadlineText.Stamp(since)}" : ": it was only ever served in mode none"),
            _ when history.InForce is { } policy =>
                $"{domain}: in mode {policy.Mode} since {DeadlineText.Since(history.ModeSince!.Value)}; to remove it, first set Mode to "
                + $"none: senders hold this policy for {policy.MaxAge} s after it was last served",
            _ => $"{domain}: configured, but not served yet",
        };
    }
}

/// <summary>What <c>history --json</c> prints.</summary>
internal sealed record HistoryResult(IReadOnlyList<DomainHistoryResult> Domains);

internal sealed record DomainHistoryResult(string Domain, IReadOnlyList<PastPolicyHealth> History, RetirementHealth Retirement);
