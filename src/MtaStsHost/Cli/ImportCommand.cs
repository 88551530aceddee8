using System.CommandLine;
using System.Text.Json;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Text;

namespace MtaStsHost.Cli;

/// <summary><c>import</c>: turns a policy that is served today into configuration, so that moving it here changes nothing for
/// senders.</summary>
internal static class ImportCommand
{
    public static Command Create(CliContext context)
    {
        var source = new Argument<string>("URL-or-FILE") { Description =
            "https://mta-sts.example.com/.well-known/mta-sts.txt, or the file itself with --domain; - reads standard input." };
        var domain = new Option<string?>("--domain", "-d") { Description = "The mail domain, where it doesn't follow from the URL.",
            HelpName = "DOMAIN" };
        var noDns = new Option<bool>("--no-dns") { Description = "Don't ask DNS for the published id and TLSRPT record." };
        var output = new Option<string?>("--output",
            "-o") { Description = "Write the JSON into this file, once it is whole; folders are made.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print JSON, which import always does." };
        var command = new Command("import",
            "Reads a policy that is served today and prints the domain's JSON for appsettings.json.") { source,
            domain, noDns, output, json };
        command.SetAction((parsed, cancellation) =>
            RunAsync(context, parsed, parsed.GetValue(source)!, parsed.GetValue(domain),
                !parsed.GetValue(noDns), parsed.GetValue(output), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult parsed,
        string source, string? domainText, bool askDns, string? output, CancellationToken cancellationToken)
    {
        // Of the configuration only the resolvers matter. The rest may not be there yet, or be in the making: with
        // `import … > domains.d/example.com.json`, the shell has made that file, empty, before this runs.
        var problems = new ProblemList();
        var resolvers = DnsSettings.Read(new SettingsReader(context.Loader(parsed).LoadWithoutIncludes(), problems)).Resolvers;
        if (problems.HasErrors)
        {
            ProblemOutput.Write(problems, Console.Error);
            return ExitCode.Configuration;
        }

        var url = Uri.TryCreate(source, UriKind.Absolute, out var parsedUrl) && parsedUrl.Scheme is "http" or "https" ? parsedUrl : null;
        if (!TryGetDomain(source, url, domainText, out var domain)) return ExitCode.Usage;

        var resolver = new Resolver(resolvers);
        var policy = url is null
            ? await ReadFileAsync(source, cancellationToken)
            : await FetchAsync(url, domain, resolvers.IsEmpty ? null : resolver, cancellationToken);
        if (policy is null) return ExitCode.Failed;

        // Null: could not be asked for, and TxtAsync has said so.
        var (sts, rpt) = (StsRecord.NameFor(domain), TlsRptRecord.NameFor(domain));
        var stsTexts = askDns ? await TxtAsync(resolver, sts, cancellationToken) : [];
        if (!askDns) await NoteAsync(
            $"{sts} was not asked for; if it is published, set Id to the id there, or senders fetch the policy anew");
        // A resolver that has given no answer gives none to a second question either.
        var rptTexts = askDns && stsTexts is not null ? await TxtAsync(resolver, rpt, cancellationToken) : null;
        var id = askDns && stsTexts is not null ? await PublishedIdAsync(sts, stsTexts) : null;
        var tlsRpt = TlsRptRecord.Select(rptTexts ?? [], out var record, out _) == TxtSelection.Valid
            ? record!.Rua : (IReadOnlyList<string>?)null;
        var imported = new ImportedDomain(PolicyModes.ToText(policy.Mode),
            [.. policy.Mx.Select(mx => mx.Value)], policy.MaxAge, id?.Value, tlsRpt);
        var result = new ImportResult(new ImportedMtaSts(new Dictionary<string, ImportedDomain> { [domain.Value] = imported }));
        if (output is null) CliOutput.Json(result, ImportJson.Plain.ImportResult);
        else if (!TryWrite(output, JsonSerializer.Serialize(result, ImportJson.Plain.ImportResult) + "\n")) return ExitCode.Failed;
        if (id is not null) await NoteAsync(
            "Id keeps what senders know today; take it out with the next change of the policy, or senders won't see the change");
        return askDns && (stsTexts is null || rptTexts is null) ? ExitCode.Failed : ExitCode.Good;
    }

    /// <summary>Renames a whole file into place: a running host never sees half of it, nor an empty one after a failure.</summary>
    private static bool TryWrite(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path + ".new", text);
            File.Move(path + ".new", path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CliOutput.Error(path, "the file can't be written", ConfigurationLoader.Reason(e));
            return false;
        }
    }

    private static bool TryGetDomain(string source, Uri? url, string? domainText, out DomainName domain)
    {
        domain = null!;
        var host = url?.IdnHost ?? "";
        var text = domainText ?? (host.StartsWith(PolicyFetcher.HostPrefix, StringComparison.OrdinalIgnoreCase)
            ? host[PolicyFetcher.HostPrefix.Length..] : null);
        if (url is { Scheme: "http" })
        {
            CliOutput.Error(source, "senders fetch policies over HTTPS only (RFC 8461 §3.3)", "give the https: address");
            return false;
        }

        if (text is null)
        {
            CliOutput.Error(source, url is null ? "a file doesn't say which domain it is for"
                : $"the host doesn't start with {PolicyFetcher.HostPrefix}", "give --domain example.com");
            return false;
        }

        if (!DomainName.TryParse(text, out var parsed, out var error))
        {
            CliOutput.Error(text, $"is not a domain name: it {error}", "give the mail domain, such as example.com");
            return false;
        }

        domain = parsed;
        return true;
    }

    private static async Task<Policy?> FetchAsync(Uri url, DomainName domain, Resolver? resolver, CancellationToken cancellationToken)
    {
        if (!url.IdnHost.Equals(PolicyFetcher.HostFor(domain), StringComparison.OrdinalIgnoreCase)
            || url.AbsolutePath != PolicyEndpoint.Path)
        {
            CliOutput.Error(url.ToString(), $"senders look for it at https://{PolicyFetcher.HostPrefix}{domain}{PolicyEndpoint.Path}",
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
            return (await Progress.OfAsync($"fetching {url}", fetcher.FetchAsync(domain, cancellationToken))).Policy;
        }
        catch (PolicyFetchException e)
        {
            CliOutput.Error(url.ToString(), e.Message.TrimEnd('.'),
                "senders see the same; mend it there, or save the file and import it with --domain");
            return null;
        }
    }

    private static async Task<Policy?> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var buffer = new byte[Policy.MaxBodyBytes + 1];
        int length;
        try
        {
            await using var stream = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
            length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CliOutput.Error(path, "the file can't be read", ConfigurationLoader.Reason(e));
            return null;
        }

        if (PolicyParser.TryParse(buffer.AsSpan(0, length), out var policy, out var error)) return policy;
        CliOutput.Error($"{path}:{error.Line}:{error.Column}", error.Message.TrimEnd('.'),
            "mend the file; senders refuse it as it is (RFC 8461 §3.2)");
        return null;
    }

    private static async Task<PolicyId?> PublishedIdAsync(string name, IReadOnlyList<string> texts)
    {
        var selection = StsRecord.Select(texts, out var record, out var error);
        if (selection == TxtSelection.Valid) return record!.Id;
        await NoteAsync(selection switch
        {
            TxtSelection.Missing => $"{name} has no MTA-STS record, so senders know no id yet",
            TxtSelection.Multiple => $"{name} has several MTA-STS records, which senders treat as none (RFC 8461 §3.1); publish one",
            _ => $"the record at {name} is not valid: it {error}; senders don't see it",
        });
        return null;
    }

    private static async Task<IReadOnlyList<string>?> TxtAsync(Resolver resolver, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await Progress.OfAsync($"asking for {name}", resolver.TxtAsync(name, cancellationToken));
        }
        catch (ResolutionException e)
        {
            await Console.Error.WriteLineAsync(
                $"warning: {name}: {Printable.Text(e.Message, 300)}; what is published there is not taken over: look it up and add it by "
                + $"hand");
            return null;
        }
    }

    private static Task NoteAsync(string text) => Console.Error.WriteLineAsync($"note: {Printable.Text(text, 600)}");
}
