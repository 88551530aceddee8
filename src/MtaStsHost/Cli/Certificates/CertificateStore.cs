using System.CommandLine;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary>What the verbs for certificates share: the store, and the host in it.</summary>
internal static class CertificateStore
{
    public static Argument<string> HostArgument() =>
        new("HOST") { Description = "The policy host, such as mta-sts.example.com, or its mail domain." };

    /// <summary>Opens the configured store for a while.</summary>
    public static Task<int> UseAsync(CliContext context, ParseResult parsed,
        Func<IStore, SettingsReader, Task<int>> work, CancellationToken cancellationToken)
    {
        // Errors elsewhere in the configuration must not keep an operator from the keys.
        var settings = context.Settings(parsed);
        if (StorageSettings.Read(settings) is { } storage && !settings.Problems.HasErrors)
        {
            return CliStore.UseAsync(storage, async store =>
            {
                await store.OpenAsync(cancellationToken);
                return await work(store, settings);
            });
        }

        CliOutput.Problems(settings.Problems);
        return Task.FromResult(ExitCode.Configuration);
    }

    /// <returns><c>null</c> if the text is not a host name, which has been printed.</returns>
    public static string? PolicyHost(string text)
    {
        if (!DomainName.TryParse(text, out var name, out _))
        {
            CliOutput.Error(text, "is not a host name", "give the policy host, such as mta-sts.example.com");
            return null;
        }

        return PolicyFetcher.HostFor(PolicyFetcher.DomainOf(name));
    }

    public static int Damaged(string host, string damage)
    {
        CliOutput.Error(host, damage, "restore a backup of the store; a running service orders a new certificate");
        return ExitCode.Failed;
    }

    public static int Unknown(string host)
    {
        CliOutput.Error(host, "is not in the store",
            "see MtaStsHost certificates list; a host is added when the service runs with its domain configured");
        return ExitCode.Failed;
    }
}
