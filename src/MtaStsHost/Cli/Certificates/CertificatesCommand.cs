using System.CommandLine;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary><c>certificates</c>: what the store has, and what an operator may want of it. Works beside a running host and without
/// one.</summary>
internal static class CertificatesCommand
{
    public static Command Create(CliContext context) =>
        new("certificates", "Shows, renews, exports and revokes the certificates that were obtained through ACME.")
    {
        CertificatesListCommand.Create(context),
        CertificatesRenewCommand.Create(context),
        CertificatesExportCommand.Create(context),
        CertificatesRevokeCommand.Create(context),
    };

    public static Argument<string> HostArgument() =>
        new("HOST") { Description = "The policy host, mta-sts.example.com; its domain will do." };

    /// <summary>Opens the configured store for a while. What goes wrong with it is one line, and exit code 1.</summary>
    public static async Task<int> WithStoreAsync(CliContext context, ParseResult parsed,
        Func<IStore, SettingsReader, Task<int>> work, CancellationToken cancellationToken)
    {
        // Of the configuration only a part matters here, and the rest must not keep an operator from the keys.
        var problems = new ProblemList();
        var settings = new SettingsReader(context.Loader(parsed).LoadWithoutIncludes(), problems);
        var storage = StorageSettings.Read(settings);
        if (storage is null || problems.HasErrors)
        {
            ProblemOutput.Write(problems, Console.Error);
            return ExitCode.Configuration;
        }

        if (!storage.Exists)
        {
            var (what, remedy) = storage.WhyNotThere;
            CliOutput.Error("Storage:ConnectionString", what, remedy);
            return ExitCode.Failed;
        }

        try
        {
            await using var store = storage.Open(TimeProvider.System);
            await store.OpenAsync(cancellationToken);
            return await work(store, settings);
        }
        catch (StoreException e)
        {
            CliOutput.Error("Storage", e.What, e.Remedy);
            return ExitCode.Failed;
        }
    }

    /// <summary>The policy host that is meant; <c>null</c>: the text is no name, which has been said.</summary>
    public static string? PolicyHost(string text)
    {
        if (!DomainName.TryParse(text, out var name, out _))
        {
            CliOutput.Error(text, "is no host name", "write the policy host, such as mta-sts.example.com");
            return null;
        }

        return name.Value.StartsWith(PolicyFetcher.HostPrefix, StringComparison.Ordinal) ? name.Value : PolicyFetcher.HostFor(name);
    }

    public static int Unknown(string host)
    {
        CliOutput.Error(host, "is not in the store",
            "see MtaStsHost certificates list; a host gets there when its domain is configured and the host runs");
        return ExitCode.Failed;
    }
}
