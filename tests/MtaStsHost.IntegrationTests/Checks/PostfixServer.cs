using System.Diagnostics;
using System.Net;
using Acme.Testing;
using MtaStsHost.Testing;
using ServerProcess = System.Diagnostics.Process; // Process is a folder of these tests

namespace MtaStsHost.IntegrationTests.Checks;

/// <summary>
/// Postfix with a configuration, a queue and processes of its own: one SMTP service for each address that a test names, each with its own
/// settings. Needs root, as Postfix does.
/// </summary>
internal sealed class PostfixServer : IAsyncDisposable
{
    private const string MasterTail = """
        tlsmgr    unix  -  -  n  1000?  1  tlsmgr
        anvil     unix  -  -  n  -      1  anvil
        rewrite   unix  -  -  n  -      -  trivial-rewrite
        proxymap  unix  -  -  n  -      -  proxymap
        postlog   unix-dgram n - n -    1  postlogd
        """;

    private readonly TempFolder _folder;
    private readonly ServerProcess _process;

    private PostfixServer(TempFolder folder, ServerProcess process, int port) => (_folder, _process, Port) = (folder, process, port);

    public int Port { get; }

    /// <param name="services">Address to the settings of the service there, <c>smtpd_tls_security_level=may</c>.</param>
    public static async Task<PostfixServer> StartAsync(IReadOnlyDictionary<string, string[]> services)
    {
        var postfix = Tools.Require("postfix");
        await Tools.RequireNamespacesAsync();
        var port = FreePorts.Next();
        var folder = new TempFolder();
        var config = await ConfigureAsync(folder, "config", port, services);

        // As process 1 of its namespace it takes all its daemons with it when it ends.
        var start = new ProcessStartInfo(Tools.Require("unshare"),
            ["-p", "-f", "--kill-child", "--mount-proc", postfix, "-c", config, "start-fg"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = ServerProcess.Start(start)!;
        var server = new PostfixServer(folder, process, port);
        try
        {
            await server.WaitAsync(services.Keys.Select(IPAddress.Parse));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the configuration of a Postfix into the folder. Returns where it is.</summary>
    /// <param name="config">The name of its own folder.</param>
    /// <inheritdoc cref="StartAsync"/>
    public static async Task<string> ConfigureAsync(TempFolder folder,
        string config, int port, IReadOnlyDictionary<string, string[]> services)
    {
        var (path, queue, data) = (folder[config], folder["queue"], folder["data"]);
        foreach (var each in new[] { path, queue, data }) Directory.CreateDirectory(each);
        // Its daemons run as a user of their own.
        await Tools.RunAsync("chmod", "711", folder.Path);
        await Tools.RunAsync("chown", "postfix", data);
        await File.WriteAllTextAsync(Path.Combine(path, "main.cf"), $"""
            compatibility_level = 3.6
            myhostname = mail.example.com
            mydestination =
            queue_directory = {queue}
            data_directory = {data}
            maillog_file = /dev/stdout
            smtpd_relay_restrictions = reject
            smtpd_peername_lookup = no

            """);
        var lines = services.Select(service =>
            $"{Endpoint(service.Key, port)} inet n - n - - smtpd {string.Join(' ', service.Value.Select(setting => "-o " + setting))}");
        await File.WriteAllTextAsync(Path.Combine(path, "master.cf"), string.Join('\n', lines) + "\n" + MasterTail + "\n");
        return path;
    }

    private static string Endpoint(string address, int port) => new IPEndPoint(IPAddress.Parse(address), port).ToString();

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task WaitAsync(IEnumerable<IPAddress> addresses)
    {
        var (output, error) = (_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
        foreach (var address in addresses)
        {
            await Eventually.IsTrueAsync(async () =>
            {
                if (_process.HasExited) throw new InvalidOperationException($"Postfix ended: {await output}{await error}");
                using var client = new System.Net.Sockets.TcpClient();
                try
                {
                    await client.ConnectAsync(address, Port);
                    return true;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return false;
                }
            }, $"Postfix listens on {address}", TimeSpan.FromSeconds(30));
        }
    }
}
