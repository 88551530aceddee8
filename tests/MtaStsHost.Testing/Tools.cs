using System.Diagnostics;

namespace MtaStsHost.Testing;

/// <summary>
/// Programs that some tests need. A machine without them skips those tests and says why; in CI (<c>CI=true</c>) a missing one is
/// a failure, so that no test is skipped there without anybody noticing.
/// </summary>
public static class Tools
{
    private static readonly string[] s_more = ["/usr/local/sbin", "/usr/sbin", "/sbin"]; // not in every user's PATH

    public static bool IsCi => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The program's path. Without it the test ends here: skipped, or failed in CI.</summary>
    public static string Require(string program)
    {
        if (Find(program) is { } path) return path;
        Missing($"{program} is not installed; ./test.sh installs it on Debian");
        return "";
    }

    /// <summary>Ends the test here: skipped, or failed in CI.</summary>
    public static void Missing(string reason)
    {
        Assert.SkipUnless(IsCi, reason);
        Assert.Fail($"CI must run every test: {reason}");
    }

    /// <summary>Network and mount namespaces of the test's own, which need root.</summary>
    public static async Task RequireNamespacesAsync()
    {
        var unshare = Require("unshare");
        var (status, output) = await RunAsync(unshare, "-n", "-m", "true");
        if (status != 0) Missing($"no namespaces for this user ({output.Trim()}); run the tests as root");
    }

    /// <summary>Runs a program to its end. Returns its exit code and all that it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true,
            RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(s_more)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
