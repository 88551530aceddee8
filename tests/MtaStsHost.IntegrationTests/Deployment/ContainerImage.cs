using System.Text.Json;
using MtaStsHost.IntegrationTests.Deployment;
using MtaStsHost.Testing;

[assembly: AssemblyFixture(typeof(ContainerImage))]

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>
/// The image that the Dockerfile makes, built once for all tests and unpacked: by Docker where an engine answers, otherwise by
/// <c>tools/build-image</c> beside <see cref="SharedData"/>, which has stand-ins for the base images.
/// </summary>
public sealed class ContainerImage : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TempFolder _folder = new();
    private readonly string _tag = $"mtastshost:test-{Guid.NewGuid():N}";
    private Task<ImageConfiguration>? _build;

    /// <summary>The unpacked file system.</summary>
    public string Root => _folder["root"];

    /// <summary>Builds it, unless that has been done. Without the tools the test ends here: skipped, or failed in CI.</summary>
    internal async Task<ImageConfiguration> BuildAsync()
    {
        await Tools.RequireNamespacesAsync();
        foreach (var tool in new[] { "setpriv", "nsenter", "ip", "curl" }) Tools.Require(tool);
        var withDocker = await HasDockerAsync();
        var buildImage = withDocker ? "" : SharedData.Require("../tools/build-image");
        if (!withDocker)
        {
            foreach (var tool in new[] { "buildah", "crun", "debootstrap" }) Tools.Require(tool);
        }

        lock (_lock) _build ??= withDocker ? BuildWithDockerAsync() : BuildWithBuildahAsync(buildImage);
        return await _build;
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<bool> HasDockerAsync()
    {
        try
        {
            return (await Tools.RunAsync("docker", "info", "--format", "{{.ID}}")).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }

    private async Task<ImageConfiguration> BuildWithDockerAsync()
    {
        await RunAsync("docker", "build", "--quiet", "--tag", _tag, HostBinary.Repository);
        var configuration = await RunAsync("docker", "image", "inspect", "--format", "{{json .Config}}", _tag);
        var container = (await RunAsync("docker", "create", _tag)).Trim();
        await RunAsync("docker", "export", "--output", _folder["root.tar"], container);
        await RunAsync("docker", "rm", "--volumes", container);
        await RunAsync("docker", "image", "rm", _tag);
        Directory.CreateDirectory(Root);
        await RunAsync("tar", "--extract", "--same-permissions", "--numeric-owner", "--file", _folder["root.tar"], "--directory", Root);
        using var json = JsonDocument.Parse(configuration);
        return ImageConfiguration.Read(json.RootElement);
    }

    private async Task<ImageConfiguration> BuildWithBuildahAsync(string buildImage)
    {
        await RunAsync(buildImage, "-t", _tag, HostBinary.Repository);
        await RunAsync(buildImage, "--export", Root, "-t", _tag);
        var state = Environment.GetEnvironmentVariable("BUILD_IMAGE_STATE") ?? "/var/tmp/build-image";
        string[] buildah = ["env", "STORAGE_DRIVER=vfs", "buildah", "--root", $"{state}/storage", "--runroot", $"{state}/run"];
        using var json = JsonDocument.Parse(await RunAsync([.. buildah, "inspect", "--type", "image", _tag]));
        // Copies of whole file systems, which would never be cleaned up.
        await RunAsync([.. buildah, "rmi", _tag]);
        return ImageConfiguration.Read(json.RootElement.GetProperty("Docker").GetProperty("config"));
    }

    private static async Task<string> RunAsync(params string[] command)
    {
        var (status, output) = await Tools.RunAsync(command[0], command[1..]);
        return status == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {status}:\n{output}");
    }
}

/// <summary>What the image says of itself: what an engine starts, as whom, and with which environment.</summary>
internal sealed record ImageConfiguration(
    string User,
    string WorkingFolder,
    IReadOnlyList<string> Entrypoint,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> Ports,
    IReadOnlyList<string> Volumes,
    IReadOnlyList<string> HealthCheck,
    IReadOnlyDictionary<string, string> Labels)
{
    public static ImageConfiguration Read(JsonElement json) => new(
        json.GetProperty(nameof(User)).GetString()!,
        json.GetProperty("WorkingDir").GetString()!,
        Strings(json.GetProperty(nameof(Entrypoint))),
        Strings(json.GetProperty("Env")).ToDictionary(pair => pair[..pair.IndexOf('=', StringComparison.Ordinal)],
            pair => pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]),
        [.. json.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name)],
        [.. json.GetProperty(nameof(Volumes)).EnumerateObject().Select(volume => volume.Name)],
        Strings(json.GetProperty("Healthcheck").GetProperty("Test")),
        json.GetProperty(nameof(Labels)).EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!));

    private static string[] Strings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
