using System.CommandLine;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary><c>certificates export</c>: writes the certificate and its key to files, for another program.</summary>
internal static class CertificatesExportCommand
{
    public static Command Create(CliContext context)
    {
        var host = CertificateStore.HostArgument();
        var folder = new Option<string>("--out", "-o")
        {
            Description = "The folder for both files; created if missing.",
            HelpName = "DIR",
            Required = true,
        };
        var command = new Verb("export", "Writes fullchain.pem and privkey.pem, readable only by their owner.",
            "MtaStsHost certificates export mta-sts.example.com --out /etc/ssl/mta-sts") { host, folder };
        command.SetAction((parsed, cancellation) => CertificateStore.UseAsync(
            context, parsed, (store, _) => RunAsync(store, parsed.GetValue(host)!, parsed.GetValue(folder)!, cancellation), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IStore store, string text, string folder, CancellationToken cancellationToken)
    {
        if (CertificateStore.PolicyHost(text) is not { } host) return ExitCode.Usage;
        if (await store.FindAsync(host, cancellationToken) is not { } record) return CertificateStore.Unknown(host);
        if (record.Damage is { } damage) return CertificateStore.Damaged(host, damage);
        if (record.Certificate is not { } certificate)
        {
            CliOutput.Error(host, "has no certificate yet", record.Failure is { } failure
                ? $"the last order failed: {failure.Message}" : "wait until it is ordered");
            return ExitCode.Failed;
        }

        try
        {
            Directory.CreateDirectory(folder);
            // The key first, so that a program that waits for the chain finds both.
            Write(Path.Combine(folder, "privkey.pem"), certificate.KeyPem);
            Write(Path.Combine(folder, "fullchain.pem"), certificate.ChainPem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            CliOutput.Error(folder, $"can't be written: {e.Message.TrimEnd('.')}", "check the path and its permissions");
            return ExitCode.Failed;
        }

        await Console.Out.WriteLineAsync(Path.Combine(folder, "fullchain.pem"));
        await Console.Out.WriteLineAsync(Path.Combine(folder, "privkey.pem"));
        return ExitCode.Good;
    }

    /// <summary>Renames the finished file into place; it is never readable by others.</summary>
    private static void Write(string path, string text)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
