using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Checks;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Network;

namespace MtaStsHost.Cli;

/// <summary>Checks domains side by side, for the verbs that do.</summary>
internal static class CheckRun
{
    private const int SideBySide = 50;

    /// <param name="output">Prints each domain when it is done; <c>null</c>: nothing is printed.</param>
    /// <returns>In the order of the subjects; <c>null</c> if the root certificates can't be loaded, which has been printed.</returns>
    public static async Task<DomainCheck[]?> RunAsync(ServiceConfiguration configuration,
        IReadOnlyList<CheckSubject> subjects, CheckOutput? output, CancellationToken cancellationToken)
    {
        if (!PemRoots.TryLoad(configuration.Settings.Checks.TrustedRootsFile, out var roots, out var fault))
        {
            CliOutput.Error("Checks:TrustedRootsFile", fault.What, fault.Remedy);
            return null;
        }

        var done = 0;
        return await Waiting.ForAsync(
            () => subjects is [var one] ? $"checking {one.Domain}" : $"checking {subjects.Count} domains: {done} done", CheckAllAsync());

        async Task<DomainCheck[]> CheckAllAsync()
        {
            var checker = new DomainChecker(new Resolver(configuration.Settings.Resolvers),
                configuration.Settings.Checks, roots, new SharedObservations(TimeProvider.System), TimeProvider.System);
            var all = await WithAuthoritiesAsync(configuration, subjects, cancellationToken);
            using var places = new SemaphoreSlim(SideBySide);
            var checks = all.Select(CheckAsync).ToArray();
            // Printed here, so that a slow reader of the output doesn't delay a check, which would then report a slow server.
            await foreach (var check in output is { IsInOrder: true } ? checks.ToAsyncEnumerable() : Task.WhenEach(checks))
                output?.Add(await check);
            return await Task.WhenAll(checks);

            async Task<DomainCheck> CheckAsync(CheckSubject subject)
            {
                await places.WaitAsync(cancellationToken);
                try
                {
                    return await checker.CheckAsync(subject, cancellationToken);
                }
                finally
                {
                    places.Release();
                    Interlocked.Increment(ref done);
                }
            }
        }
    }

    /// <summary>Adds the CA to the domains whose certificate is ordered, for the check of their CAA records.</summary>
    private static async Task<IReadOnlyList<CheckSubject>> WithAuthoritiesAsync(ServiceConfiguration configuration,
        IReadOnlyList<CheckSubject> subjects, CancellationToken cancellationToken)
    {
        if (configuration.Settings.Acme is not { } acme) return subjects;
        var files = new CertificateSnapshot([.. configuration.Certificates.Select(entry => entry.Certificate)]);
        var now = TimeProvider.System.GetUtcNow();
        if (!subjects.Any(IsOrdered)) return subjects;
        var authorities = await AuthorityIdentities.ReadAsync(acme, TimeProvider.System, cancellationToken);
        return [.. subjects.Select(subject => IsOrdered(subject) ? subject with { Authorities = authorities } : subject)];

        bool IsOrdered(CheckSubject subject) => subject.Served is { } served && files.Find(served.Host, now) is null;
    }
}
