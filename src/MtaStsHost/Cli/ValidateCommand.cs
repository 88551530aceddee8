using System.CommandLine;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Management.Health;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Cli;

/// <summary>
/// <c>validate</c>: checks the configuration as <c>serve</c> would, without network or store. <c>--live</c> goes on to check whether the
/// domains' mail servers are ready for the policies that are about to be deployed.
/// </summary>
internal static class ValidateCommand
{
    private const int MaxFiles = 20;

    public static Command Create(CliContext context)
    {
        var json = CliOptions.Json();
        var live = new Option<bool>("--live")
        {
            Description = "Before a deployment: also check the domains as they are today against these policies.",
        };
        var failOn = CliOptions.FailOn();
        var command = new Verb("validate", "Checks the configuration and prints each domain with its mode, max_age, MX patterns and id.",
            "MtaStsHost validate",
            "MtaStsHost validate --json --config new.json",
            "MtaStsHost validate --live --fail-on error --config new.json") { json, live, failOn };
        command.Validators.Add(result =>
        {
            if (result.GetResult(failOn) is { Implicit: false } && !result.GetValue(live)) result.AddError("--fail-on requires --live");
        });
        command.SetAction((parsed, cancellation) => RunAsync(context, parsed, parsed.GetValue(json),
            parsed.GetValue(live) ? CliOptions.Severity(parsed.GetValue(failOn)!) : null, cancellation));
        return command;
    }

    /// <param name="failOn"><c>null</c> without <c>--live</c>.</param>
    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        bool json, FindingSeverity? failOn, CancellationToken cancellationToken)
    {
        var loaded = context.Loader(parsed).Load();
        var configuration = ServiceConfiguration.Load(loaded, null, TimeProvider.System);
        CliOutput.Problems(loaded.Problems);
        var all = configuration?.Policies.All ?? [];
        // Printed before the live checks, which take longer.
        if (!json && configuration is not null) CliOutput.Table(["domain", "mode", "max_age", "mx", "id"], all.Select(Row));
        DomainCheck[]? checks = null;
        if (configuration is not null && failOn is not null)
        {
            checks = await CheckAsync(configuration, all, json ? null : new CheckOutput(explain: false), cancellationToken);
            if (checks is null) return ExitCode.Configuration;
        }

        if (json)
        {
            CliOutput.Json(new ValidateResult(
                configuration is not null,
                [.. loaded.Problems.Errors.Select(ProblemResult.Of)],
                [.. loaded.Problems.Warnings.Select(ProblemResult.Of)],
                [.. all.Select(DomainResult.Of)],
                loaded.Files,
                loaded.FromEnvironment,
                checks is null ? null : CheckResult.Of(checks).Domains));
        }


        if (configuration is null) return ExitCode.Configuration;
        if (!json) WriteSources(loaded);
        return checks is not null && checks.Any(check => check.Worst >= failOn) ? ExitCode.Failed : ExitCode.Good;
    }

    private static async Task<DomainCheck[]?> CheckAsync(ServiceConfiguration configuration,
        IReadOnlyList<ServedPolicy> policies, CheckOutput? output, CancellationToken cancellationToken)
    {
        // Senders may hold earlier policies, which the store knows if there is one.
        var stored = await StoredHistory.FindAsync(configuration, [.. policies.Select(policy => policy.Domain.Value)], cancellationToken);
        CheckSubject[] planned = [.. policies.Select(policy => Planned(policy, configuration, stored))];
        if (await CheckRun.RunAsync(configuration, planned, output, cancellationToken) is not { } checks) return null;
        DomainCheck[] removed = [.. (stored?.Removed ?? []).Select(Removed)];
        foreach (var check in removed) output?.Add(check);
        output?.End();
        return [.. checks, .. removed];
    }

    /// <summary>A domain that is no longer configured, removed too early.</summary>
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
            Purpose = configuration.Settings.Transitions.Gate == GateMode.Block && !staysInEnforce
                ? CheckPurpose.PlannedBehindGate : CheckPurpose.Planned,
        };
    }

    /// <summary>What was read, so that an edit of another file doesn't go unnoticed. Not among the results, which programs read.</summary>
    private static void WriteSources(LoadedConfiguration loaded)
    {
        foreach (var file in loaded.Files.Take(MaxFiles)) CliOutput.Note($"read {file}");
        if (loaded.Files.Count > MaxFiles) CliOutput.Note($"read {loaded.Files.Count - MaxFiles} more files");
        if (loaded.FromEnvironment.Count > 0)
            CliOutput.Note($"environment variables set {string.Join(", ", loaded.FromEnvironment)}, and take precedence over files");
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

/// <summary>What <c>validate --json</c> prints; a domain looks as it does in <c>/health</c>.</summary>
/// <param name="Files">Absolute paths of the files that were read, in that order.</param>
/// <param name="Environment">The settings that environment variables set, which take precedence over files.</param>
/// <param name="Checks">As in <c>check --json</c>; left out without <c>--live</c>.</param>
internal sealed record ValidateResult(
    bool Valid,
    IReadOnlyList<ProblemResult> Errors,
    IReadOnlyList<ProblemResult> Warnings,
    IReadOnlyList<DomainResult> Domains,
    IReadOnlyList<string> Files,
    IReadOnlyList<string> Environment,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DomainCheckResult>? Checks);

/// <param name="Line">From 1; <c>null</c> if unknown.</param>
internal sealed record ProblemResult(string Path, string? File, int? Line, string Message, string Fix)
{
    public static ProblemResult Of(ConfigurationProblem problem) =>
        new(problem.Path, problem.Origin.Source, problem.Origin.Line > 0 ? problem.Origin.Line : null, problem.What, problem.Remedy);
}

internal sealed record DomainResult(string Domain, string Host, PolicyHealth Policy, string Id, TxtHealth Txt)
{
    public static DomainResult Of(ServedPolicy policy) =>
        new(policy.Domain.Value, policy.Host, HealthReporter.PolicyOf(policy), policy.Id.Value, HealthReporter.TxtOf(policy));
}
