using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>How to start a container.</summary>
internal sealed record ContainerStart
{
    /// <summary>For the image's entrypoint.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Over the image's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary><c>SOURCE:TARGET</c>, or <c>SOURCE:TARGET:ro,z</c>.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>With a network of its own, in which its ports are free, only <see cref="Container.FetchAsync"/> reaches it.</summary>
    public bool OwnNetwork { get; init; } = true;
}

/// <summary>The image's entrypoint, running as an engine runs it under docker-compose.yml: see start-container.sh.</summary>
internal sealed class Container : IAsyncDisposable
{
    private readonly ContainerImage _image;
    private readonly ImageConfiguration _configuration;
    private readonly ContainerStart _start;

    private Container(ContainerImage image, ImageConfiguration configuration, ContainerStart start)
    {
        (_image, _configuration, _start) = (image, configuration, start);
        Process = HostProcess.Start(Command(start.OwnNetwork ? ["--net"] : [], [.. configuration.Entrypoint, .. start.Arguments]),
            new HostStart());
    }

    public HostProcess Process { get; }

    public static async Task<Container> StartAsync(ContainerImage image, ContainerStart start)
    {
        var container = new Container(image, await image.BuildAsync(), start);
        try
        {
            // Before that it may not be in its own network yet, and another program's port would be asked.
            await Eventually.IsTrueAsync(() => container.Process.HasExited || container.IsTheHost(), "the container's program runs");
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it in a network of its own, and waits until its management listener, at port 9090 there, says that it is
    /// ready.</summary>
    public static async Task<Container> StartReadyAsync(ContainerImage image, ContainerStart start)
    {
        var container = await StartAsync(image, start);
        try
        {
            await Eventually.IsTrueAsync(
                async () => container.Process.HasExited
                    || (await container.FetchAsync("http://127.0.0.1:9090/health/ready")).Status == 200,
                    "the host is ready", TimeSpan.FromSeconds(60));
            Assert.False(container.Process.HasExited, $"{container.Process.Error}{container.Process.Output}");
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks from inside of its network. Status 0: no answer.</summary>
    public async Task<(int Status, string Body)> FetchAsync(string url, string? host = null)
    {
        string[] header = host is null ? [] : ["--header", $"Host: {host}"];
        var (_, output) = await Tools.RunAsync("nsenter",
            ["--target", $"{Process.Id}", "--net", "curl", "--silent",
            "--max-time", "10", "--write-out", "\n%{http_code}", .. header, url]);
        var end = output.LastIndexOf('\n');
        return (int.Parse(output[(end + 1)..], System.Globalization.CultureInfo.InvariantCulture), output[..end]);
    }

    /// <summary>Runs a program of the image beside it, as <c>docker exec</c> does.</summary>
    public Task<(int ExitCode, string Output)> ExecuteAsync(params string[] program)
    {
        string[] command = ["nsenter", "--target", $"{Process.Id}", "--net", .. Command([], program)];
        return Tools.RunAsync(command[0], command[1..]);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private bool IsTheHost()
    {
        try
        {
            return File.ReadAllText($"/proc/{Process.Id}/comm").Trim() == "MtaStsHost";
        }
        catch (IOException)
        {
            return false; // It has just ended.
        }
    }

    private string[] Command(string[] namespaces, IReadOnlyList<string> program)
    {
        var environment = new Dictionary<string, string>(_configuration.Environment);
        foreach (var (name, value) in _start.Environment) environment[name] = value;
        return
        [
            "unshare", "--mount", "--propagation", "private", .. namespaces,
            "bash", Path.Combine(HostBinary.Repository, "tests", "MtaStsHost.IntegrationTests", "Deployment", "start-container.sh"),
            _image.Root, _configuration.User, _configuration.WorkingFolder, .. _start.Mounts, "--",
            .. environment.Select(pair => $"{pair.Key}={pair.Value}"), "--",
            .. program,
        ];
    }
}
