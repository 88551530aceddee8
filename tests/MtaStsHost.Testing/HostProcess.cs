using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;

namespace MtaStsHost.Testing;

/// <summary>Where a host's standard output goes.</summary>
public enum HostOutput
{
    /// <summary>To the test, which can read it at any time.</summary>
    Captured,

    /// <summary>Into a pipe that is not read.</summary>
    Unread,

    /// <summary>To a disk that is full.</summary>
    FullDisk,
}

/// <summary>How to start a service.</summary>
public sealed record HostStart
{
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <inheritdoc cref="ConfigurationFixture.ChecksInBackground"/>
    public bool ChecksInBackground { get; init; }

    public HostOutput Output { get; init; }
}

/// <summary>What a host left behind.</summary>
public sealed record HostResult(int ExitCode, string Output, string Error)
{
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A running service. Disposing of it kills it and all that it started; so does the end of the test program.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    /// <summary>Until it is ready, or has ended: long, since other tests keep the machine busy.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly ConcurrentDictionary<HostProcess, bool> s_running = new();

    private readonly Process _process;
    private readonly CapturedStream? _output;
    private readonly CapturedStream _error;

    static HostProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in s_running.Keys) process.Kill();
    };

    private HostProcess(Process process, HostOutput output)
    {
        _process = process;
        s_running[this] = true;
        _output = output == HostOutput.Unread ? null : new CapturedStream(process.StandardOutput.BaseStream);
        _error = new CapturedStream(process.StandardError.BaseStream);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Standard output so far, byte for byte; none unless it is captured.</summary>
    public byte[] OutputBytes => _output?.Bytes ?? [];

    /// <summary>The log so far.</summary>
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public string Error => Encoding.UTF8.GetString(_error.Bytes);

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static HostProcess Start(IReadOnlyList<string> command, HostStart start)
    {
        // A shell without job control has what it starts in the background ignore SIGINT, and the tests may have been started so.
        string[] words = ["env", "--default-signal=INT", .. command, .. start.Arguments];
        // exec: the shell becomes the host, so signals and the exit code are the host's own.
        if (start.Output == HostOutput.FullDisk) words = ["/bin/sh", "-c", "exec \"$0\" \"$@\" >/dev/full", .. words];
        var info = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = start.WorkingDirectory ?? "",
        };
        foreach (var name in info.Environment.Keys.Where(IsSetting).ToList()) info.Environment.Remove(name);
        if (!start.ChecksInBackground) info.Environment["Checks__Enabled"] = "false";
        foreach (var (name, value) in start.Environment) info.Environment[name] = value;
        var process = Process.Start(info)!;
        process.StandardInput.Close();
        return new HostProcess(process, start.Output);
    }

    /// <summary>Asks <c>/health/ready</c> of the management listener until it says 200.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; with all that it wrote.</exception>
    public async Task WaitUntilReadyAsync(Uri management)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            await Eventually.IsTrueAsync(async () => HasExited || await IsReadyAsync(client, new Uri(management, "/health/ready")),
                "the host is ready", s_patience);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException(Describe("The host was not ready in time"), e);
        }

        if (HasExited) throw new InvalidOperationException(Describe($"The host ended with {_process.ExitCode}"));
    }

    /// <exception cref="TimeoutException">It went on running.</exception>
    public async Task<HostResult> WaitForExitAsync(TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? s_patience);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(Describe("The host goes on running"));
        }

        await _error.Completion;
        if (_output is not null) await _output.Completion;
        return new HostResult(_process.ExitCode, Output, Error);
    }

    /// <summary>Sends a signal, such as <c>TERM</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        var (status, output) = await Tools.RunAsync("/bin/sh", "-c", $"kill -{signal} {Id}");
        if (status != 0) throw new InvalidOperationException($"no signal: {output}");
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        // What it started may hold the pipes open; it is not waited for.
        await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System));
        s_running.TryRemove(this, out _);
        _process.Dispose();
    }

    private static bool IsSetting(string name) =>
        name.Contains("__", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
            || name is "DOTNET_ENVIRONMENT" or "MTASTSHOST_CONFIG";

    private static async Task<bool> IsReadyAsync(HttpClient client, Uri uri)
    {
        try
        {
            using var answer = await client.GetAsync(uri);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private string Describe(string what) => $"{what}.\nstandard error:\n{Error}\nstandard output:\n{Output}";

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>Reads a stream as it fills, so that its writer never waits.</summary>
    private sealed class CapturedStream
    {
        private readonly Lock _lock = new();
        private readonly MemoryStream _bytes = new();

        public CapturedStream(Stream stream) => Completion = Task.Run(() => ReadAsync(stream));

        public Task Completion { get; }

        public byte[] Bytes
        {
            get
            {
                lock (_lock) return _bytes.ToArray();
            }
        }

        private async Task ReadAsync(Stream stream)
        {
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                lock (_lock) _bytes.Write(buffer, 0, read);
            }
        }
    }
}
