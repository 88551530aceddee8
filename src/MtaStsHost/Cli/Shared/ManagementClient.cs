using System.CommandLine;
using MtaStsHost.Configuration;

namespace MtaStsHost.Cli;

/// <summary>Queries the management listener of the running service, for the verbs that do.</summary>
internal static class ManagementClient
{
    /// <summary>As in the shipped appsettings.json; used when that can't be read.</summary>
    private const string DefaultUrl = "http://localhost:9090";

    public static Option<string?> Url() => new("--url")
    {
        Description = "The management listener, if it is not the configured one.",
        HelpName = "URL",
    };

    /// <returns><c>null</c> if it is not a URL, which has been printed.</returns>
    public static Uri? Find(CliContext context, ParseResult parsed, Option<string?> url)
    {
        var listener = parsed.GetValue(url)
            ?? context.Settings(parsed).Find($"Kestrel:Endpoints:{EndpointSettings.Management}:Url")?.Text ?? DefaultUrl;
        var address = AddressOf(listener);
        if (address is null)
            CliOutput.Error(parsed.CommandResult.Command.Name, $"expected an http or https URL, found '{listener}'",
                $"try --url {DefaultUrl}");
        return address;
    }

    /// <param name="read">Returns what is wrong with the answer; <c>null</c>: nothing.</param>
    /// <param name="timeout">For the answer as a whole.</param>
    /// <returns>Why there is no good answer; <c>null</c>: there is.</returns>
    public static async Task<string?> AskAsync(Uri address,
        Func<HttpResponseMessage, CancellationToken, Task<string?>> read, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        // Over loopback, and only about the service: the certificate's name doesn't matter.
#pragma warning disable CA5359
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return await read(response, deadline.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return $"can't be reached: {e.Message}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"did not answer within {timeout.TotalSeconds:0} s";
        }
    }

    /// <summary>Turns a listener's address into one to connect to; a wildcard becomes loopback.</summary>
    private static Uri? AddressOf(string listener)
    {
        var asked = listener
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://[::]", "://[::1]", StringComparison.Ordinal);
        return Uri.TryCreate(asked, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" ? parsed : null;
    }
}
