using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Logging;
using MtaStsHost.Serving;

namespace MtaStsHost.Testing;

/// <summary>
/// The real host in this process: real files, real Kestrel on the loopback's free ports, real log. Listeners are those of its
/// <c>Kestrel:Endpoints</c>, which tests write with port 0.
/// </summary>
public sealed class AppFixture : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AppFixture(ConfigurationFixture configuration, WebApplication app, LogCaptureStream log)
    {
        Configuration = configuration;
        _app = app;
        Log = log;
    }

    public ConfigurationFixture Configuration { get; }

    public TempFolder Folder => Configuration.Folder;

    public LogCaptureStream Log { get; }

    /// <summary>The public listener without TLS.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>The public listener with TLS; only there when an endpoint has an https address.</summary>
    public Uri Https { get; private set; } = null!;

    public Uri Management { get; private set; } = null!;

    /// <summary>Asks without a Host of its own; a test gives each request its Host header.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    internal LiveConfiguration Live => Service<LiveConfiguration>();

    internal PolicySnapshot Policies => Service<ServedPolicies>().Current;

    internal FileCertificates Certificates => Service<FileCertificates>();

    /// <summary>Configurations that were accepted or refused since the start.</summary>
    public long Loads => Live.Current is var state ? state.Good + state.Bad : 0;

    /// <summary>Starts the service on a configuration that must be good. The fixture owns the configuration from then on.</summary>
    public static async Task<AppFixture> StartAsync(ConfigurationFixture configuration)
    {
        if (!configuration.ChecksInBackground)
        {
            configuration.Environment["Checks__Enabled"] = "false";
            // The records of domains in mode none are looked up all the same. Nothing answers here.
            if (!configuration.Loader().LoadWithoutIncludes().Values.Keys.Any(IsResolver))
                configuration.Environment["Dns__Resolvers__0"] = "127.0.0.1:9";
        }

        var loader = configuration.Loader();
        var loaded = loader.Load();
        var service = ServiceConfiguration.Load(loaded, null, configuration.Time)
            ?? throw new InvalidOperationException(string.Join('\n', loaded.Problems.Errors));
        var log = new LogCaptureStream();
        var app = MtaStsHostBuilder.Build(loader, service, new HostLogging(service.Settings.Logging, log), configuration.Time);
        await app.StartAsync();
        var fixture = new AppFixture(configuration, app, log);
        await fixture.FindAddressesAsync();
        return fixture;
    }

    private static bool IsResolver(string path) => path.StartsWith("Dns:Resolvers", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc cref="StartAsync(ConfigurationFixture)"/>
    public static Task<AppFixture> StartAsync(string appsettings) => StartAsync(new ConfigurationFixture(appsettings));

    internal T Service<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Does something to the files and waits until the host has accepted or refused the outcome.</summary>
    public async Task ChangeAsync(Action change, TimeSpan? within = null)
    {
        var before = Loads;
        change();
        await Eventually.IsTrueAsync(() => Loads > before, "the host sees the change", within);
    }

    /// <summary>Writes appsettings.json anew and waits until it is active.</summary>
    public async Task RewriteAsync(string appsettings)
    {
        await ChangeAsync(() => Folder.Write(ConfigurationSources.FileName, appsettings));
        if (Live.Current.LastError is { } error) throw new InvalidOperationException(error);
    }

    /// <summary>Asks a listener for a path with a Host header.</summary>
    public async Task<HttpResponseMessage> GetAsync(Uri listener, string path, string? host = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(listener, path));
        request.Headers.Host = host;
        return await Client.SendAsync(request);
    }

    public async Task<string> GetTextAsync(Uri listener, string path, string? host = null)
    {
        using var response = await GetAsync(listener, path, host);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>What <c>/metrics</c> says now, by series as it is written there: <c>name{label="value"}</c>.</summary>
    public async Task<IReadOnlyDictionary<string, string>> MetricsAsync() =>
        (await GetTextAsync(Management, "/metrics")).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => line[(line.LastIndexOf(' ') + 1)..]);

    public Task StopAsync() => _app.StopAsync();

    /// <summary>Stops the service, and starts another one on the same folder. This fixture is used up then.</summary>
    /// <param name="between">Happens while no host runs.</param>
    public async Task<AppFixture> RestartAsync(Action? between = null)
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Log.DisposeAsync();
        between?.Invoke();
        return await StartAsync(Configuration);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Log.DisposeAsync();
        Configuration.Dispose();
    }

    /// <summary>Which address is whose is asked, not guessed: nothing but the management listener answers <c>/health/live</c>.</summary>
    public async Task FindAddressesAsync()
    {
        foreach (var address in Service<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses)
        {
            var uri = new Uri(address.Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
            if (uri.Scheme == Uri.UriSchemeHttps)
            {
                Https = uri;
                continue;
            }

            if (await IsManagementAsync(uri)) Management = uri;
            else Http = uri;
        }
    }

    private async Task<bool> IsManagementAsync(Uri uri)
    {
        try
        {
            using var response = await GetAsync(uri, "/health/live");
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // a listener that speaks with known proxies alone
        }
    }
}
