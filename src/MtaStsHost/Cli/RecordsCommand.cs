using System.CommandLine;
using MtaSts;
using MtaStsHost.Hosting;
using MtaStsHost.Publishing;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary><c>records</c>: prints what to publish in DNS.</summary>
internal static class RecordsCommand
{
    public static Command Create(CliContext context)
    {
        var domains = DomainArgument.Create("records", "Only these domains; none: all.", ArgumentArity.ZeroOrMore);
        var format = new Option<string>("--format", "-f") { Description = "zone, json, dnscontrol or terraform.",
            DefaultValueFactory = _ => "zone" };
        format.AcceptOnlyFromAmong("zone", "json", "dnscontrol", "terraform");
        var json = new Option<bool>("--json") { Description = "The same as --format json." };
        var command = new Command("records", "Prints the DNS records to publish.") { domains, format, json };
        command.SetAction((parsed, cancellation) =>
            RunAsync(context, parsed, parsed.GetValue(domains) ?? [], parsed.GetValue(json)
            ? "json" : parsed.GetValue(format)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string[] domains, string format, CancellationToken cancellationToken)
    {
        var loaded = context.Loader(parsed).Load();
        var configuration = ServiceConfiguration.Parse(loaded);
        ProblemOutput.Write(loaded.Problems, Console.Error);
        if (configuration is null) return ExitCode.Configuration;

        var history = await StoredHistory.FindAsync(configuration, [.. configuration.Policies.All.Select(policy => policy.Domain.Value)],
            cancellationToken);
        var known = history is { Removed.Count: > 0 } ? new PolicySnapshot([.. configuration.Policies.All, .. history.Removed])
            : configuration.Policies;
        var (chosen, unknown) = Choose(known, domains);
        foreach (var domain in unknown) CliOutput.Error(domain, "is not configured", "add it to MtaSts:Domains, or check the spelling");
        if (unknown.Count > 0) return ExitCode.Failed;

        var records = chosen.Select(policy => Records(policy, configuration, history));
        if (format == "json") CliOutput.Json(Json(records), CliJson.Plain.RecordsResult);
        else await Console.Out.WriteAsync(RecordFormats.Format(format, records));
        return ExitCode.Good;
    }

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
                && snapshot.TryFind(PolicyFetcher.HostFor(domain), out var policy)) chosen.Add(policy);
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
