using System.CommandLine;
using System.Globalization;
using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary>
/// <c>validate</c>: judges the configuration as <c>serve</c> would, without network or store. With <c>--live</c> it goes on to what is
/// there
/// already: whether the domains' mail servers are fit for the policies that are about to be deployed.
/// </summary>
internal static class ValidateCommand
{
    public static Command Create(CliContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var live = new Option<bool>("--live") { Description =
            "Also check the domains as they are, against these policies, before they are deployed." };
        var failOn = CheckRun.FailOn();
        var command = new Command("validate", "Checks the configuration and prints each domain with mode, max_age, mx and id.") { json,
            live, failOn };
        command.Validators.Add(result =>
        {
            if (result.GetResult(failOn) is { Implicit: false } && !result.GetValue(live)) result.AddError("--fail-on goes with --live");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            context, parsed, parsed.GetValue(json), parsed.GetValue(live)
                ? CheckRun.Severity(parsed.GetValue(failOn)!) : null, cancellation));
        return command;
    }

    /// <param name="failOn"><c>null</c>: without a look at what is live.</param>
    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        bool json, FindingSeverity? failOn, CancellationToken cancellationToken)
    {
        var loaded = context.Loader(parsed).Load();
        var configuration = ServiceConfiguration.Load(loaded, null, TimeProvider.System);
        ProblemOutput.Write(loaded.Problems, Console.Error);
        var all = configuration?.Policies.All ?? [];
        // Before the look at what is live, which takes its time.
        if (!json && configuration is not null) CliOutput.Table(["domain", "mode", "max_age", "mx", "id"], all.Select(Row));
        DomainCheck[]? checks = null;
        if (configuration is not null && failOn is not null)
        {
            checks = await CheckAsync(configuration, all, json ? null : new CheckOutput(explain: false), cancellationToken);
            if (checks is null) return ExitCode.Configuration;
        }

        if (json)
        {
            CliOutput.Json(
                new ValidateResult(
                    configuration is not null,
                    [.. loaded.Problems.Errors.Select(ProblemResult.Of)],
                    [.. loaded.Problems.Warnings.Select(ProblemResult.Of)],
                    [.. all.Select(DomainResult.Of)],
                    checks is null ? null : CheckResult.Of(checks).Domains),
                CliJson.Plain.ValidateResult);
        }

        if (configuration is null) return ExitCode.Configuration;
        return checks is not null && checks.Any(check => check.Worst >= failOn) ? ExitCode.Failed : ExitCode.Good;
    }

    private static async Task<DomainCheck[]?> CheckAsync(ServiceConfiguration configuration,
        IReadOnlyList<ServedPolicy> policies, CheckOutput? output, CancellationToken cancellationToken)
    {
        // With what senders hold already, where there is a store to tell it.
        var stored = await StoredHistory.FindAsync(configuration, [.. policies.Select(policy => policy.Domain.Value)], cancellationToken);
        if (await CheckRun.RunAsync(configuration, [.. policies.Select(policy => Planned(policy, configuration, stored))], output, cancellationToken)
            is not { } checks) return null;
        DomainCheck[] removed = [.. (stored?.Removed ?? []).Select(Removed)];
        foreach (var (i, check) in removed.Index()) output?.Add(checks.Length + i, check);
        output?.End();
        return [.. checks, .. removed];
    }

    /// <summary>A domain that the configuration doesn't have any more, too early.</summary>
    private static DomainCheck Removed(ServedPolicy policy)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new DomainCheck(policy.Domain, [HistoryJudgement.JudgeRemoved(policy, now)], now, new MxVerdict(MxOutcome.Unknown, ""));
    }

    private static CheckSubject Planned(ServedPolicy policy, ServiceConfiguration configuration, StoredHistory? stored)
    {
        var past = stored?.Domains.GetValueOrDefault(policy.Domain.Value);
        // As PolicyTransitions decides after the deployment; without a store, as for a domain that isn't in enforce yet.
        var staysInEnforce = stored is { IsPastKnown: false } || past is { IsEnforced: true };
        return new CheckSubject(policy.Domain, policy, configuration.Settings.PublicHost, past?.With(policy))
        {
            Purpose = configuration.Settings.Transitions.Gate == GateMode.Block && !staysInEnforce ? CheckPurpose.PlannedBehindGate : CheckPurpose.Planned,
        };
    }

    private static string[] Row(ServedPolicy policy) =>
    [
        policy.Domain.Value,
        PolicyModes.ToText(policy.Policy.Mode),
        policy.Policy.MaxAge.ToString(CultureInfo.InvariantCulture),
        string.Join(' ', policy.Policy.Mx.Select(mx => mx.Value)),
        policy.Id.Value,
    ];
}
