using System.CommandLine;
using System.Text.Encodings.Web;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;

namespace MtaStsHost.Cli;

/// <summary><c>import</c>: turns a published policy into configuration, so that moving it here changes nothing for senders.</summary>
internal static class ImportCommand
{
    public static Command Create(CliContext context)
    {
        var source = new Argument<string>("SOURCE")
        {
            Description = "A mail domain, the URL of its policy, or a policy file with --domain; - reads standard input.",
        };
        var domain = new Option<string?>("--domain", "-d")
        {
            Description = "The mail domain, if it does not follow from the URL.",
            HelpName = "DOMAIN",
        };
        var noDns = new Option<bool>("--no-dns") { Description = "Don't query DNS for the published id and TLSRPT record." };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Write the JSON to this file, in one step; missing folders are created.",
            HelpName = "FILE",
        };
        var force = new Option<bool>("--force") { Description = "Replace the file of --output if it exists." };
        var command = new Verb("import", "Reads a published policy and prints the domain's JSON for appsettings.json.",
            "MtaStsHost import example.com",
            "MtaStsHost import example.com --output domains.d/example.com.json",
            "MtaStsHost import --domain example.com /srv/www/mta-sts.txt")
        {
            source, domain, noDns, output, force, CliOptions.Json("Print JSON, as import always does."),
        };
        command.SetAction((parsed, cancellation) => parsed.GetValue(output) is { } file && !parsed.GetValue(force) && Path.Exists(file)
            ? Task.FromResult(Refuse(file))
            : RunAsync(context, parsed, UrlOfDomain(parsed.GetValue(source)!, parsed.GetValue(domain)) ?? parsed.GetValue(source)!,
                parsed.GetValue(domain), !parsed.GetValue(noDns), parsed.GetValue(output), cancellation));
        return command;
    }

    /// <summary>Before anything is fetched. It may be the only copy of what was added by hand.</summary>
    private static int Refuse(string file)
    {
        CliOutput.Error(file, "exists already", "name another file, or add --force to replace it");
        return ExitCode.Failed;
    }

    /// <returns>Where senders find the policy, if the source is a domain or a policy host; no file is called by the name of one.</returns>
    private static string? UrlOfDomain(string source, string? domain) =>
        domain is null && source.Contains('.', StringComparison.Ordinal) && !source.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
            && !File.Exists(source) && DomainName.TryParse(source, out var name, out _)
            ? $"https://{PolicyFetcher.HostFor(PolicyFetcher.DomainOf(name))}{PolicyEndpoint.Path}" : null;

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string source, string? domainText, bool queriesDns, string? output, CancellationToken cancellationToken)
    {
        // Only the resolvers matter here. The rest may not exist yet, or be in the making: with
        // `import … > domains.d/example.com.json`, the shell has created that file, empty, before this runs.
        var settings = context.Settings(parsed);
        var resolvers = HostSettings.ReadResolvers(settings);
        if (settings.Problems.HasErrors)
        {
            CliOutput.Problems(settings.Problems);
            return ExitCode.Configuration;
        }

        var url = Uri.TryCreate(source, UriKind.Absolute, out var parsedUrl) && parsedUrl.Scheme is "http" or "https" ? parsedUrl : null;
        if (DomainOf(source, url, domainText) is not { } domain) return ExitCode.Usage;
        var resolver = new Resolver(resolvers);
        var policy = url is null
            ? await ReadFileAsync(source, cancellationToken)
            : await FetchAsync(url, domain, resolvers.IsEmpty ? null : resolver, cancellationToken);
        if (policy is null) return ExitCode.Failed;

        var dns = queriesDns ? await QueryAsync(resolver, domain, cancellationToken) : default;
        if (!queriesDns)
            CliOutput.Note(
                $"{StsRecord.NameFor(domain)} was not queried; if it exists, set Id to its id, or senders fetch the policy again");
        var imported = new ImportedDomain(PolicyModes.ToText(policy.Mode),
            [.. policy.Mx.Select(mx => mx.Value)], policy.MaxAge, dns.Id?.Value, dns.TlsRpt);
        var text = JsonSerializer.Serialize(
            new ImportResult(new ImportedMtaSts(new Dictionary<string, ImportedDomain> { [domain.Value] = imported })),
            ImportJson.Plain.ImportResult) + "\n";
        if (output is null) await Console.Out.WriteAsync(text);
        else if (!TryWrite(output, text)) return ExitCode.Failed;
        if (dns.Id is not null)
            CliOutput.Note(
                "Id keeps the id that senders know; remove it with the next change of the policy, or senders won't see the change");
        return dns.IsIncomplete ? ExitCode.Failed : ExitCode.Good;
    }

    private static async Task<(PolicyId? Id, IReadOnlyList<string>? TlsRpt, bool IsIncomplete)> QueryAsync(
        Resolver resolver, DomainName domain, CancellationToken cancellationToken)
    {
        // A resolver that doesn't answer won't answer a second query either.
        if (await TxtAsync(resolver, StsRecord.NameFor(domain), cancellationToken) is not { } sts) return (null, null, true);
        var rpt = await TxtAsync(resolver, TlsRptRecord.NameFor(domain), cancellationToken);
        return (
            PublishedId(StsRecord.NameFor(domain), sts),
            TlsRptRecord.Select(rpt ?? [], out var record, out _) == TxtSelection.Valid
                ? [.. record!.Rua.Where(uri => TlsRptRecord.TryNormaliseUri(uri, out _, out _))] : null,
            rpt is null);
    }

    /// <summary>Renames the finished file into place: a running service never reads half of it, nor an empty one after a failure.</summary>
    private static bool TryWrite(string path, string text)
    {
        try
        {
            // Of a link, the file that it names: the rename would replace the link.
            var target = new FileInfo(path) is { LinkTarget: not null } link
                ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : Path.GetFullPath(path);
            if (Path.Exists(target) && !FileKind.IsRegular(target)) throw new IOException("it is not a regular file");
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target + ".new", text);
            if (!OperatingSystem.IsWindows() && File.Exists(target)) File.SetUnixFileMode(target + ".new", File.GetUnixFileMode(target));
            File.Move(target + ".new", target, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CliOutput.Error(path, "the file can't be written", ConfigurationLoader.Reason(e));
            return false;
        }
    }

    /// <returns><c>null</c> if there is an error, which has been printed.</returns>
    private static DomainName? DomainOf(string source, Uri? url, string? domainText)
    {
        var host = url?.IdnHost ?? "";
        var text = domainText ?? (host.StartsWith(PolicyFetcher.HostPrefix, StringComparison.OrdinalIgnoreCase)
            ? host[PolicyFetcher.HostPrefix.Length..] : null);
        if (url is { Scheme: "http" })
        {
            CliOutput.Error(source, "senders fetch policies over HTTPS only (RFC 8461 §3.3)", "give the https: address");
            return null;
        }

        if (text is null)
        {
            CliOutput.Error(source, url is null ? "a policy file doesn't name its domain"
                : $"the host doesn't start with {PolicyFetcher.HostPrefix}", "give --domain example.com");
            return null;
        }

        if (DomainName.TryParse(text, out var domain, out var error)) return domain;
        CliOutput.Error(text, $"is not a domain name: it {error}", "give the mail domain, such as example.com");
        return null;
    }

    private static async Task<Policy?> FetchAsync(Uri url, DomainName domain, Resolver? resolver, CancellationToken cancellationToken)
    {
        if (!url.IdnHost.Equals(PolicyFetcher.HostFor(domain), StringComparison.OrdinalIgnoreCase)
            || url.AbsolutePath != PolicyEndpoint.Path)
        {
            CliOutput.Error(url.ToString(),
                $"senders fetch the policy from https://{PolicyFetcher.HostPrefix}{domain}{PolicyEndpoint.Path}",
                "give that address, or save the file and import it with --domain");
            return null;
        }

        var fetcher = new PolicyFetcher(new PolicyFetcherOptions
        {
            Port = url.Port,
            Resolve = resolver is null ? null : resolver.AddressesAsync,
            UserAgent = ServiceVersion.UserAgent,
        });
        try
        {
            var fetched = await Waiting.ForAsync($"fetching {url}", fetcher.FetchAsync(domain, cancellationToken));
            NoteIdle(fetched.Remarks);
            return fetched.Policy;
        }
        catch (PolicyFetchException e)
        {
            CliOutput.Error(url.ToString(), e.Message.TrimEnd('.'),
                "senders get the same error; fix it there, or save the file and import it with --domain");
            return null;
        }
    }

    private static async Task<Policy?> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var buffer = new byte[Policy.MaxBodyBytes + 1];
        int length;
        try
        {
            // Opening a named pipe may never end; what a pipe has goes to standard input.
            if (path != "-" && File.Exists(path) && !FileKind.IsRegular(path)) throw new IOException("it is not a regular file");
            await using var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CliOutput.Error(path, "the file can't be read", ConfigurationLoader.Reason(e));
            return null;
        }

        if (PolicyParser.TryParse(buffer.AsSpan(0, length), out var policy, out var remarks, out var error))
        {
            NoteIdle(remarks);
            return policy;
        }

        CliOutput.Error($"{path}:{error.Line}:{error.Column}", error.Message.TrimEnd('.'),
            "fix the file; senders reject it as it is (RFC 8461 §3.2)");
        return null;
    }

    private static void NoteIdle(IEnumerable<PolicyRemark> remarks)
    {
        foreach (var remark in remarks.Where(remark => remark.Kind == PolicyRemarkKind.IdleMx))
            CliOutput.Note($"{remark}; it allows no host and is not imported");
    }

    private static PolicyId? PublishedId(string name, IReadOnlyList<string> texts)
    {
        var selection = StsRecord.Select(texts, out var record, out var error);
        if (selection == TxtSelection.Valid) return record!.Id;
        CliOutput.Note(selection switch
        {
            TxtSelection.Missing => $"{name} has no MTA-STS record, so senders don't know an id yet",
            TxtSelection.Multiple => $"{name} has several MTA-STS records, which senders treat as none (RFC 8461 §3.1); publish one",
            _ => $"the record at {name} is not valid: it {error}; senders ignore it",
        });
        return null;
    }

    /// <returns><c>null</c> if there is no answer, which has been printed.</returns>
    private static async Task<IReadOnlyList<string>?> TxtAsync(Resolver resolver, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await Waiting.ForAsync($"querying {name}", resolver.TxtAsync(name, cancellationToken));
        }
        catch (ResolutionException e)
        {
            CliOutput.Warning(name, e.Message, "its record is not imported: look it up and add it by hand");
            return null;
        }
    }

}

/// <summary>The shape of a configuration file.</summary>
internal sealed record ImportResult(ImportedMtaSts MtaSts);

internal sealed record ImportedMtaSts(IReadOnlyDictionary<string, ImportedDomain> Domains);

internal sealed record ImportedDomain(string Mode, IReadOnlyList<string> Mx, int MaxAge, string? Id, IReadOnlyList<string>? TlsRpt);

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class ImportJson : JsonSerializerContext
{
    public static ImportJson Plain =>
        field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
