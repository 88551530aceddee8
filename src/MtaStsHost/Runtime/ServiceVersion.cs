using System.Reflection;
using System.Runtime.InteropServices;

namespace MtaStsHost.Runtime;

/// <summary>The version of this build, and of the runtime and OpenSSL that it runs with.</summary>
internal static class ServiceVersion
{
    /// <summary>The beginning of the user agent of checks, here and elsewhere: they do not count as senders.</summary>
    public const string UserAgentName = "MtaStsHost/";

    private static readonly Lazy<string?> s_openSsl = new(FindOpenSsl);

    /// <summary><c>0.2.0</c></summary>
    public static string Text { get; } =
        typeof(ServiceVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0.0.0";

    public static string UserAgent => UserAgentName + Text;

    /// <summary><c>.NET 10.0.0</c>. Compiled in, so a fix of the runtime takes a new build.</summary>
    public static string Runtime => RuntimeInformation.FrameworkDescription;

    /// <summary><c>3.0.13</c>, of the library that is installed; <c>null</c>: none can be loaded.</summary>
    public static string? OpenSsl => s_openSsl.Value;

    /// <summary>Whether the runtime would abort the process at the first hash or connection.</summary>
    public static bool IsOpenSslMissing => OperatingSystem.IsLinux() && OpenSsl is null;

    /// <param name="number">As OpenSSL reports it, in hexadecimal: 30x00PP0, or 1xxxxPPf before 3.0, when the patch was a letter.</param>
    internal static string FormatOpenSsl(long number)
    {
        var (major, minor, fix, patch) = (number >> 28, (number >> 20) & 0xff, (number >> 12) & 0xff, (number >> 4) & 0xff);
        return major >= 3 ? $"{major}.{minor}.{patch}" : $"{major}.{minor}.{fix}{(patch == 0 ? "" : (char)('a' + patch - 1))}";
    }

    private static string? FindOpenSsl()
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsAndroid() || OperatingSystem.IsBrowser()) return null;
        // Where none of the libraries that the runtime tries can be loaded, the runtime aborts the process.
        string?[] suffixes = [Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE"), "3", "1.1"];
        return suffixes.Any(suffix => suffix is not null && NativeLibrary.TryLoad("libssl.so." + suffix, out _))
            ? FormatOpenSsl(SafeEvpPKeyHandle.OpenSslVersion) : null;
    }
}
