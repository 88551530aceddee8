using System.CommandLine;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Hosting;
using MtaStsHost.Publishing;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary><c>check</c>: checks domains as a sender would, configured here or not.</summary>
internal static class CheckCommand
{
    public static Command Create(CliContext context)
    {
        var domains = CliOptions.Domains("check",
            "Mail domains, configured here or not. If none is given: all configured ones, and those removed too early.",
            ArgumentArity.ZeroOrMore);
        var json = CliOptions.Json();
        var failOn = CliOptions.FailOn();
        var explain = new Option<bool>("--explain") { Description = "Print the RFC section of each rule." };
        var command = new Verb("check", "Checks domains as a sending mail server would, and prints what is wrong and how to fix it.",
            "MtaStsHost check",
            "MtaStsHost check example.com --explain",
            "MtaStsHost check --json --fail-on error") { domains, json, failOn, explain };
        command.SetAction((parsed, cancellation) => RunAsync(
            context, parsed, parsed.GetValue(domains) ?? [], parsed.GetValue(json),
            CliOptions.Severity(parsed.GetValue(failOn)!), parsed.GetValue(explain), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string[] domains, bool json, FindingSeverity failOn, bool explain, CancellationToken cancellationToken)
    {
        if (context.Load(parsed) is not { } configuration) return ExitCode.Configuration;
        if (Choose(configuration, domains) is not { } subjects) return ExitCode.Usage;
        subjects = await AddHistoryAsync(configuration, subjects, isAll: domains.Length == 0, cancellationToken);
        var output = json ? null : new CheckOutput(explain);
        if (await CheckRun.RunAsync(configuration, subjects, output, cancellationToken) is not { } checks) return ExitCode.Configuration;
        if (output is null) CliOutput.Json(CheckResult.Of(checks));
        else output.End();
        return checks.Any(check => check.Worst >= failOn) ? ExitCode.Failed : ExitCode.Good;
    }

    /// <returns><c>null</c> if one is not a domain name, which has been printed.</returns>
    private static List<CheckSubject>? Choose(ServiceConfiguration configuration, string[] domains)
    {
        var publicHost = configuration.Settings.PublicHost;
        var all = configuration.Policies;
        if (domains.Length == 0) return [.. all.All.Select(policy => new CheckSubject(policy.Domain, policy, publicHost))];
        var subjects = new List<CheckSubject>();
        foreach (var text in domains)
        {
            if (!DomainName.TryParse(text, out var name, out var error))
            {
                CliOutput.Error(text, $"is not a domain name: it {error}", "give mail domains, such as example.com");
                return null;
            }

            // Copied from a record or a URL.
            var domain = PolicyFetcher.DomainOf(name);
            subjects.Add(all.TryFind(PolicyFetcher.HostFor(domain), out var served)
                ? new(domain, served, publicHost) : new(domain));
        }

        return [.. subjects.DistinctBy(subject => subject.Domain)];
    }

    private static async Task<List<CheckSubject>> AddHistoryAsync(ServiceConfiguration configuration,
        List<CheckSubject> subjects, bool isAll, CancellationToken cancellationToken)
    {
        var own = subjects.Where(subject => subject.Served is not null).Select(subject => subject.Domain.Value).ToList();
        if (own.Count == 0 && !configuration.Settings.Storage.Exists) return subjects;
        if (await StoredHistory.FindAsync(configuration, own, cancellationToken) is not { } history) return subjects;
        var removed = history.Removed.ToDictionary(policy => policy.Domain);
        var known = subjects.Select(subject => removed.TryGetValue(subject.Domain, out var policy) ? Removed(policy, configuration, history)
            : subject.Served is null ? subject
            : AddHistory(subject, configuration, history.Domains.GetValueOrDefault(subject.Domain.Value)));
        return [.. known, .. isAll ? history.Removed.Select(policy => Removed(policy, configuration, history)) : []];
    }

    /// <summary>A domain that is no longer configured, while senders may still hold a policy of it.</summary>
    private static CheckSubject Removed(ServedPolicy policy, ServiceConfiguration configuration, StoredHistory history) =>
        new(policy.Domain, policy, configuration.Settings.PublicHost, history.Domains.GetValueOrDefault(policy.Domain.Value))
        {
            Purpose = CheckPurpose.Explain,
        };

    /// <summary>Senders follow what is served, which differs from what is configured if the gate holds the domain.</summary>
    private static CheckSubject AddHistory(CheckSubject subject, ServiceConfiguration configuration, DomainHistory? history)
    {
        var serving = history is null ? subject.Served! : RecordNotes.Serving(subject.Served!, configuration.Settings.Transitions, history);
        return subject with { Served = serving, History = history, Purpose = CheckPurpose.Explain };
    }
}
