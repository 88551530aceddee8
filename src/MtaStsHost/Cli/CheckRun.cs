using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Checks;
using MtaStsHost.Dns;
using MtaStsHost.Hosting;

namespace MtaStsHost.Cli;

/// <summary>One run of the checks, for the verbs that have one.</summary>
internal static class CheckRun
{
    private const int SideBySide = 50;

    public static Option<string> FailOn()
    {
        var option = new Option<string>("--fail-on") { Description = "End with 1 at findings of this severity or worse: error, warning, or unknown (what could not be looked at).", DefaultValueFactory = _ => "warning", HelpName = "SEVERITY" };
        option.AcceptOnlyFromAmong("error", "warning", "unknown");
        return option;
    }

    public static FindingSeverity Severity(string failOn) => failOn switch { "error" => FindingSeverity.Error, "warning" => FindingSeverity.Warning, _ => FindingSeverity.Unknown };

    /// <returns>In the order of the subjects, however long each takes; <c>null</c>: the configuration is no good any more, which was told.</returns>
    public static async Task<DomainCheck[]?> RunAsync(HostSettings settings, IReadOnlyList<CheckSubject> subjects, CancellationToken cancellationToken)
    {
        if (!settings.Checks.TryLoadRoots(out var roots, out var fault))
        {
            CliOutput.Error("Checks:TrustedRootsFile", fault.What, fault.Remedy);
            return null;
        }

        using var progress = Progress.After(subjects.Count == 1 ? $"checking {subjects[0].Domain}" : $"checking {subjects.Count} domains");
        var all = await WithAuthoritiesAsync(settings, subjects, cancellationToken);
        return await CheckAsync(settings, roots, all, cancellationToken);
    }

    private static async Task<DomainCheck[]> CheckAsync(HostSettings settings, X509Certificate2Collection? roots, IReadOnlyList<CheckSubject> subjects, CancellationToken cancellationToken)
    {
        var checker = new DomainChecker(new Resolver(settings.Resolvers), settings.Checks, roots, new CheckMemory(TimeProvider.System), TimeProvider.System);
        var checks = new DomainCheck[subjects.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, subjects.Count),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (i, cancellation) => checks[i] = await checker.CheckAsync(subjects[i], cancellation));
        return checks;
    }

    /// <summary>Says to those that have their certificate ordered who it is ordered from.</summary>
    private static async Task<IReadOnlyList<CheckSubject>> WithAuthoritiesAsync(HostSettings settings, IReadOnlyList<CheckSubject> subjects, CancellationToken cancellationToken)
    {
        if (settings.Acme is not { } acme) return subjects;
        var (files, now) = (new CertificateSnapshot([.. settings.Certificates.Select(entry => entry.Certificate)]), TimeProvider.System.GetUtcNow());
        if (!subjects.Any(IsOrdered)) return subjects;
        var authorities = await AuthorityIdentities.ReadAsync(acme, TimeProvider.System, cancellationToken);
        return [.. subjects.Select(subject => IsOrdered(subject) ? subject with { Authorities = authorities } : subject)];

        bool IsOrdered(CheckSubject subject) => subject.Served is { } served && files.Find(served.Host, now) is null;
    }
}
