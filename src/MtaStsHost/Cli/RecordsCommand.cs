using System.CommandLine;
using MtaStsHost.Hosting;
using MtaStsHost.Publishing;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary><c>records</c>: prints what to publish in DNS.</summary>
internal static class RecordsCommand
{
    private const int MostNamed = 3;

    public static Command Create(CliContext context)
    {
        var domains = CliOptions.Domains("records", "Mail domains; all configured ones if none is given.", ArgumentArity.ZeroOrMore);
        var format = new Option<string>("--format", "-f")
        {
            Description = "The output format.",
            DefaultValueFactory = _ => "zone",
        };
        format.AcceptOnlyFromAmong(["json", .. RecordFormats.ByName.Keys]);
        var json = CliOptions.Json("Print JSON, as --format json does.");
        var command = new Verb("records", "Prints the DNS records to publish.",
            "MtaStsHost records example.com",
            "MtaStsHost records --format dnscontrol",
            "MtaStsHost records --format terraform example.com example.net") { domains, format, json };
        command.SetAction((parsed, cancellation) => RunAsync(context, parsed, parsed.GetValue(domains) ?? [],
            parsed.GetValue(json) ? "json" : parsed.GetValue(format)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string[] domains, string format, CancellationToken cancellationToken)
    {
        var loaded = context.Loader(parsed).Load();
        var configuration = ServiceConfiguration.Parse(loaded);
        CliOutput.Problems(loaded.Problems);
        if (configuration is null) return ExitCode.Configuration;

        var history = await StoredHistory.FindAsync(configuration, [.. configuration.Policies.All.Select(policy => policy.Domain.Value)],
            cancellationToken);
        if (history is { ServedElsewhere.Count: > 0 }) WarnOf(history.ServedElsewhere);
        // Nothing is to be published for a domain because this configuration lacks it: the service may have another one.
        var removed = history?.Removed.Where(policy => !history.ServedElsewhere.Contains(policy.Domain.Value)).ToList() ?? [];
        var known = removed.Count > 0 ? new PolicySnapshot([.. configuration.Policies.All, .. removed]) : configuration.Policies;
        var (chosen, unknown) = Choose(known, domains);
        foreach (var domain in unknown) CliOutput.Error(domain, "is not configured", "add it to MtaSts:Domains, or check the spelling");
        if (unknown.Count > 0) return ExitCode.Failed;

        var records = chosen.Select(policy => Records(policy, configuration, history));
        if (format == "json") CliOutput.Json(Json(records));
        else await Console.Out.WriteAsync(RecordFormats.Format(format, records));
        return ExitCode.Good;
    }

    private static void WarnOf(IReadOnlyCollection<string> domains) => CliOutput.Warning(
        "MtaSts:Domains",
        domains.Count == 1 ? $"{domains.First()} is served, as far as the store knows, but not configured here, so its records are left out"
            : $"{domains.Count} domains are served, as far as the store knows, but not configured here, so their records are left out: "
                + string.Join(", ", domains.Order(StringComparer.Ordinal).Take(MostNamed)) + (domains.Count > MostNamed ? " …" : ""),
        "name the service's configuration with --config; after a removal, wait until the service serves mode none");

    private static DnsRecords Records(ServedPolicy policy, ServiceConfiguration configuration, StoredHistory? history)
    {
        if (history is null) return DnsRecords.Of(policy, configuration.Settings.PublicHost);
        var now = TimeProvider.System.GetUtcNow();
        var past = history.Domains.GetValueOrDefault(policy.Domain.Value) ?? new DomainHistory([], now);
        var serving = RecordNotes.Serving(policy, configuration.Settings.Transitions, past);
        var records = DnsRecords.Of(serving, configuration.Settings.PublicHost);
        return records with { Notes = [.. RecordNotes.Of(serving, past, now), .. records.Notes] };
    }

    private static (IReadOnlyList<ServedPolicy> Chosen, List<string> Unknown) Choose(PolicySnapshot snapshot, string[] domains)
    {
        if (domains.Length == 0) return (snapshot.All, []);
        var chosen = new List<ServedPolicy>();
        var unknown = new List<string>();
        foreach (var text in domains)
        {
            if (DomainName.TryParse(text, out var domain, out _)
                && snapshot.TryFind(PolicyFetcher.HostFor(PolicyFetcher.DomainOf(domain)), out var policy)) chosen.Add(policy);
            else unknown.Add(text);
        }

        return (chosen, unknown);
    }

    private static RecordsResult Json(IEnumerable<DnsRecords> domains) => new(
    [
        .. domains.Select(domain => new DomainRecordsResult(
            domain.Policy.Domain.Value,
            [.. domain.Records.Select(record => new RecordResult(record.Name, record.Type, DnsRecord.Ttl, record.Value))],
            domain.Notes)),
    ]);
}

/// <summary>What <c>records --format json</c> prints.</summary>
internal sealed record RecordsResult(IReadOnlyList<DomainRecordsResult> Domains);

internal sealed record DomainRecordsResult(string Domain, IReadOnlyList<RecordResult> Records, IReadOnlyList<string> Notes);

/// <param name="Ttl">Seconds.</param>
internal sealed record RecordResult(string Name, string Type, int Ttl, string Value);
