using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Network;

namespace MtaStsHost.Cli;

/// <summary>One run of the checks, for the verbs that have one.</summary>
internal static class CheckRun
{
    private const int SideBySide = 50;

    public static Option<string> FailOn()
    {
        var option = new Option<string>("--fail-on") { Description =
            "End with 1 at findings of this severity or worse: error, warning, or unknown (what could not be looked at).",
            DefaultValueFactory = _ => "warning", HelpName = "SEVERITY" };
        option.AcceptOnlyFromAmong("error", "warning", "unknown");
        return option;
    }

    public static FindingSeverity Severity(string failOn) =>
        failOn switch { "error" => FindingSeverity.Error, "warning" => FindingSeverity.Warning, _ => FindingSeverity.Unknown };

    /// <param name="configuration">Those of the verb.</param>
    /// <param name="subjects">What to check.</param>
    /// <param name="output">Gets each domain when it is done; <c>null</c>: nothing is printed before all are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>In the order of the subjects, however long each takes; <c>null</c>: the configuration is no good any more, which was
    /// told.</returns>
    public static async Task<DomainCheck[]?> RunAsync(ServiceConfiguration configuration,
        IReadOnlyList<CheckSubject> subjects, CheckOutput? output, CancellationToken cancellationToken)
    {
        if (!PemRoots.TryLoad(configuration.Settings.Checks.TrustedRootsFile, out var roots, out var fault))
        {
            CliOutput.Error("Checks:TrustedRootsFile", fault.What, fault.Remedy);
            return null;
        }

        using var progress = Progress.Of(subjects.Count == 1 ? $"checking {subjects[0].Domain}"
            : $"checking {subjects.Count} domains", isCounted: subjects.Count != 1);
        var all = await WithAuthoritiesAsync(configuration, subjects, cancellationToken);
        var done = Channel.CreateUnbounded<(int Place, DomainCheck Check)>();
        var work = CheckAsync(configuration, roots, all, done.Writer, cancellationToken);
        var checks = new DomainCheck[subjects.Count];
        // Printed here and not where they are checked: a pipe that nobody reads holds up no check, which would tell of a slow server then.
        await foreach (var (place, check) in done.Reader.ReadAllAsync(cancellationToken))
        {
            checks[place] = check;
            progress.Advance();
            if (output is not null) progress.Print(() => output.Add(place, check));
        }

        await work;
        return checks;
    }

    private static async Task CheckAsync(
        ServiceConfiguration configuration, X509Certificate2Collection? roots, IReadOnlyList<CheckSubject> subjects,
            ChannelWriter<(int Place, DomainCheck Check)> done, CancellationToken cancellationToken)
    {
        var checker = new DomainChecker(new Resolver(configuration.Settings.Dns.Resolvers),
            configuration.Settings.Checks, roots, new SharedObservations(TimeProvider.System), TimeProvider.System);
        try
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, subjects.Count),
                new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
                async (i, cancellation) => await done.WriteAsync((i, await checker.CheckAsync(subjects[i], cancellation)), cancellation));
        }
        finally
        {
            done.Complete();
        }
    }

    /// <summary>Says to those that have their certificate ordered who it is ordered from.</summary>
    private static async Task<IReadOnlyList<CheckSubject>> WithAuthoritiesAsync(ServiceConfiguration configuration,
        IReadOnlyList<CheckSubject> subjects, CancellationToken cancellationToken)
    {
        if (configuration.Settings.Acme is not { } acme) return subjects;
        var (files, now) = (new CertificateSnapshot([.. configuration.Certificates.Select(entry => entry.Certificate)]),
            TimeProvider.System.GetUtcNow());
        if (!subjects.Any(IsOrdered)) return subjects;
        var authorities = await AuthorityIdentities.ReadAsync(acme, TimeProvider.System, cancellationToken);
        return [.. subjects.Select(subject => IsOrdered(subject) ? subject with { Authorities = authorities } : subject)];

        bool IsOrdered(CheckSubject subject) => subject.Served is { } served && files.Find(served.Host, now) is null;
    }
}
