using System.Diagnostics;

namespace MtaStsHost.Testing;

/// <summary>
/// The host as a program: the native one that <c>test.sh</c> publishes to <c>artifacts/host</c>; where that isn't there or is older
/// than the build, the build.
/// </summary>
public static class HostBinary
{
    private static readonly string[] s_notNeeded = [".dbg", ".pdb", ".xml"];

    /// <summary>The checkout's root.</summary>
    public static string Repository { get; } = FindRepository();

    private static string NativeFolder => Path.Combine(Repository, "artifacts", "host");

    private static string BuildFolder => Path.Combine(Repository, "src", "MtaStsHost", "bin", Configuration, "net10.0");

#if DEBUG
    public const string Configuration = "Debug";
#else
    public const string Configuration = "Release";
#endif

    public static bool IsNative { get; } = LooksNative();

    /// <summary>Ends a test that is about the native binary alone, where there is none.</summary>
    public static void RequireNative()
    {
        if (!IsNative) Tools.Missing("artifacts/host has no native binary that is as new as the build; ./test.sh makes it");
    }

    /// <summary>Puts the program into a folder, without any appsettings.json. Returns what starts it: a program and its first
    /// arguments.</summary>
    public static IReadOnlyList<string> CopyTo(string folder)
    {
        Copy(new DirectoryInfo(IsNative ? NativeFolder : BuildFolder), folder);
        return IsNative ? [Path.Combine(folder, "MtaStsHost")] : ["dotnet", Path.Combine(folder, "MtaStsHost.dll")];
    }

    /// <summary>
    /// Copied by a program of its own: a file that this process has open for writing is open in whatever another test starts at that
    /// moment too, and the kernel runs no program that is open for writing (ETXTBSY).
    /// </summary>
    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        var wanted = from.EnumerateFiles()
            .Where(file => !s_notNeeded.Contains(file.Extension)
                && !(file.Name.StartsWith("appsettings", StringComparison.Ordinal) && file.Extension == ".json"))
            .Select(file => file.FullName)
            // Of the build's folder, the runtimes that packages bring; the published one is flat.
            .Concat(from.EnumerateDirectories().Where(folder => folder.Name == "runtimes").Select(folder => folder.FullName));
        using var copy = Process.Start("cp", ["-r", "--reflink=auto", .. wanted, to]);
        copy.WaitForExit();
        if (copy.ExitCode != 0) throw new IOException($"can't copy {from.FullName}");
    }

    private static bool LooksNative()
    {
        var native = new FileInfo(Path.Combine(NativeFolder, "MtaStsHost"));
        var build = new FileInfo(Path.Combine(BuildFolder, "MtaStsHost.dll"));
        return native.Exists && (!build.Exists || native.LastWriteTimeUtc >= build.LastWriteTimeUtc);
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MtaStsHost.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("the tests must run inside a checkout");
    }
}
