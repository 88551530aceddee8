using System.CommandLine;
using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Hosting;
using MtaStsHost.Publishing;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary><c>check</c>: goes through domains as a sender would, of this host or of any other.</summary>
internal static class CheckCommand
{
    public static Command Create(CliContext context)
    {
        var domains = DomainArgument.Create("check",
            "Any domains, configured here or not; none: all that are configured, and those removed too early.", ArgumentArity.ZeroOrMore);
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var failOn = CheckRun.FailOn();
        var explain = new Option<bool>("--explain") { Description = "Tell where each rule is laid down." };
        var command = new Command("check",
            "Goes through a domain as a sender would, and says what is wrong and how to mend it.") { domains, json, failOn, explain };
        command.SetAction((parsed, cancellation) => RunAsync(
            context, parsed, parsed.GetValue(domains) ?? [], parsed.GetValue(json),
                CheckRun.Severity(parsed.GetValue(failOn)!), parsed.GetValue(explain), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string[] domains, bool json, FindingSeverity failOn, bool explain, CancellationToken cancellationToken)
    {
        var loaded = context.Loader(parsed).Load();
        var configuration = ServiceConfiguration.Load(loaded, null, TimeProvider.System);
        if (configuration is null)
        {
            ProblemOutput.Write(loaded.Problems, Console.Error);
            return ExitCode.Configuration;
        }

        if (!TryChoose(configuration, domains, out var subjects)) return ExitCode.Usage;
        subjects = await AddHistoryAsync(configuration, subjects, isAll: domains.Length == 0, cancellationToken);
        var output = json ? null : new CheckOutput(explain);
        if (await CheckRun.RunAsync(configuration, subjects, output, cancellationToken) is not { } checks) return ExitCode.Configuration;
        if (output is null) CliOutput.Json(CheckResult.Of(checks), CliJson.Plain.CheckResult);
        else output.End();
        return checks.Any(check => check.Worst >= failOn) ? ExitCode.Failed : ExitCode.Good;
    }

    private static bool TryChoose(ServiceConfiguration configuration, string[] domains, out List<CheckSubject> subjects)
    {
        subjects = [];
        if (domains.Length == 0)
        {
            subjects.AddRange(configuration.Policies.All.Select(policy => new CheckSubject(policy.Domain, policy, configuration.Settings.PublicHost)));
            return true;
        }

        foreach (var text in domains)
        {
            if (!DomainName.TryParse(text, out var domain, out var error))
            {
                CliOutput.Error(text, $"is not a domain name: it {error}", "give mail domains, such as example.com");
                return false;
            }

            subjects.Add(configuration.Policies.TryFind(PolicyFetcher.HostFor(domain), out var served)
                ? new(domain, served, configuration.Settings.PublicHost) : new(domain));
        }

        subjects = [.. subjects.DistinctBy(subject => subject.Domain)];
        return true;
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

    /// <summary>A domain that isn't configured any more, as long as senders may hold a policy of it.</summary>
    private static CheckSubject Removed(ServedPolicy policy, ServiceConfiguration configuration, StoredHistory history) =>
        new(policy.Domain, policy, configuration.Settings.PublicHost, history.Domains.GetValueOrDefault(policy.Domain.Value))
        {
            Purpose = CheckPurpose.Explain,
        };

    /// <summary>Senders are held to what is served, which is not what is configured where the gate holds a domain.</summary>
    private static CheckSubject AddHistory(CheckSubject subject, ServiceConfiguration configuration, DomainHistory? history)
    {
        var serving = history is null ? subject.Served! : RecordNotes.Serving(subject.Served!, configuration.Settings.Transitions, history);
        return subject with { Served = serving, History = history, Purpose = CheckPurpose.Explain };
    }
}
