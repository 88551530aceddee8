using Acme.Testing;

namespace MtaStsHost.Testing;

/// <summary>
/// A host as an operator has it: a folder of its own with the program, its appsettings.json and what else a test puts there.
/// The listeners' addresses go on the command line, so that a test's file says only what the test is about.
/// </summary>
public sealed class HostInstallation : IDisposable
{
    private readonly IReadOnlyList<string> _command;

    /// <param name="settings">appsettings.json.</param>
    public HostInstallation(string settings)
    {
        _command = HostBinary.CopyTo(Folder["app"]);
        Write(settings);
    }

    public TempFolder Folder { get; } = new();

    /// <summary>What starts the program: its path, or <c>dotnet</c> and the path of its assembly.</summary>
    public IReadOnlyList<string> Command => _command;

    public string SettingsPath => Folder["app/appsettings.json"];

    /// <summary>The public listener.</summary>
    public Uri Http { get; } = new($"http://127.0.0.1:{FreePorts.Next()}");

    public Uri Management { get; } = new($"http://127.0.0.1:{FreePorts.Next()}");

    /// <summary>The public listener with TLS, for hosts that are started with <see cref="HttpsArguments"/>.</summary>
    public Uri Https { get; } = new($"https://127.0.0.1:{FreePorts.Next()}");

    public string[] HttpArguments => [$"--Kestrel:Endpoints:Http:Url={Http}", $"--Kestrel:Endpoints:Management:Url={Management}"];

    public string[] HttpsArguments => [.. HttpArguments, $"--Kestrel:Endpoints:Https:Url={Https}"];

    public void Write(string settings) => Folder.Write("app/appsettings.json", settings);

    /// <summary>Starts it and waits until it is ready.</summary>
    public Task<HostProcess> StartAsync(params string[] arguments) =>
        StartAsync(new HostStart { Arguments = [.. HttpArguments, .. arguments] });

    /// <summary>The same with TLS.</summary>
    public Task<HostProcess> StartHttpsAsync(params string[] arguments) =>
        StartAsync(new HostStart { Arguments = [.. HttpsArguments, .. arguments] });

    /// <inheritdoc cref="StartAsync(string[])"/>
    public async Task<HostProcess> StartAsync(HostStart start)
    {
        var process = HostProcess.Start(_command, start with { WorkingDirectory = start.WorkingDirectory ?? Folder.Path });
        await process.WaitUntilReadyAsync(Management);
        return process;
    }

    /// <summary>Runs it until it ends by itself.</summary>
    public Task<HostResult> RunAsync(params string[] arguments) => RunAsync(new HostStart { Arguments = arguments });

    /// <inheritdoc cref="RunAsync(string[])"/>
    public async Task<HostResult> RunAsync(HostStart start)
    {
        await using var process = HostProcess.Start(_command, start with { WorkingDirectory = start.WorkingDirectory ?? Folder.Path });
        return await process.WaitForExitAsync();
    }

    public void Dispose() => Folder.Dispose();
}
