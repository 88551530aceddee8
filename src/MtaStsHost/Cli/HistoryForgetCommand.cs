using System.CommandLine;

namespace MtaStsHost.Cli;

/// <summary><c>history forget</c>: gives up domains that were removed, although senders may still hold their policies.</summary>
internal static class HistoryForgetCommand
{
    public static Command Create(CliContext context)
    {
        var domains = CliOptions.Domains("history forget", "Mail domains that are no longer configured.", ArgumentArity.OneOrMore);
        var command = new Verb("forget",
            "Gives up removed domains: they are no longer served, although senders may hold their policies, and their history is deleted.",
            "MtaStsHost history forget example.com") { domains };
        command.SetAction((parsed, cancellation) => RunAsync(context, parsed, parsed.GetValue(domains) ?? [], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        CliContext context, ParseResult parsed, string[] texts, CancellationToken cancellationToken)
    {
        if (context.Parse(parsed) is not { } configuration) return ExitCode.Configuration;
        var domains = texts.Select(text => DomainName.TryParse(text, out var domain, out _) ? domain.Value : text)
            .Distinct(StringComparer.Ordinal).ToList();
        var configured = domains.Where(domain => configuration.Policies.TryFind(PolicyFetcher.HostPrefix + domain, out _)).ToList();
        foreach (var domain in configured) CliOutput.Error(domain, "is configured", "remove it from MtaSts:Domains first");
        if (configured.Count > 0) return ExitCode.Failed;
        return await CliStore.UseAsync(configuration.Settings.Storage, async store =>
        {
            var known = (await store.ListPoliciesAsync(domains, cancellationToken)).ToLookup(policy => policy.Key.Domain);
            var unknown = domains.Where(domain => !known.Contains(domain)).ToList();
            foreach (var domain in unknown) CliOutput.Error(domain, "was never served here", "check the spelling");
            if (unknown.Count > 0) return ExitCode.Failed;
            await store.ForgetDomainsAsync(domains, cancellationToken);
            foreach (var domain in domains)
                await Console.Out.WriteLineAsync($"{domain}: forgotten; a running service stops serving it within a minute");
            return ExitCode.Good;
        });
    }
}
