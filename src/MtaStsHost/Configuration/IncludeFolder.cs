namespace MtaStsHost.Configuration;

/// <summary>The fixed folder of an <c>Include</c> pattern, as a load found it.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="IsNamed">Not that of the pattern that is shipped, whose folder need not exist.</param>
/// <param name="MountPoint">Of the file system that it is on; <c>null</c>: not known.</param>
internal sealed record IncludeFolder(string Path, bool Exists, bool IsNamed, string? MountPoint)
{
    private const string Setting = "MtaSts:Include";

    /// <summary>Whether files of it may be missing without a trace: then no domain counts as removed.</summary>
    public bool IsHidden => IsNamed && !Exists;

    /// <summary>A folder that was read and is gone is an error. One that has not existed yet may be on a mount that comes later, or have a
    /// typo: a warning, since the other domains must be served.</summary>
    /// <param name="before">Of the active configuration.</param>
    public static void Judge(ImmutableArray<IncludeFolder> before, ImmutableArray<IncludeFolder> now, ProblemList problems)
    {
        foreach (var folder in now.Distinct())
        {
            var origin = new Origin(folder.Path, 0);
            var known = before.FirstOrDefault(known => known.Path == folder.Path);
            if (known is { Exists: true } && !folder.Exists)
                problems.Error(Setting, origin, "the folder is gone",
                    "bring it back; if its domains are to be removed, leave it empty, or remove it from MtaSts:Include");
            else if (known is { Exists: true, MountPoint: { } mount } && folder.MountPoint?.Length < mount.Length)
                problems.Error(Setting, origin, $"the folder was on {mount}, which is not mounted any more",
                    "mount it again; if its domains are to be removed, remove it from MtaSts:Include");
            else if (folder.IsHidden)
                problems.Warning(Setting, origin, "the folder doesn't exist",
                    "create it, or correct its path; until then, the policies of domains that are missing stay as they are");
        }
    }
}

/// <summary>Which file system a folder is on: when a mount is gone, its folder is still there, but empty.</summary>
internal static class MountPoints
{
    /// <returns><c>null</c>: not known.</returns>
    public static string? Find(string folder)
    {
        try
        {
            return Find(ConfigurationInputs.TruePath(folder), DriveInfo.GetDrives().Select(drive => drive.Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="folder">Absolute, without symlinks.</param>
    public static string? Find(string folder, IEnumerable<string> mounts) =>
        mounts.Where(mount => IsUnder(folder, mount.TrimEnd('/'))).MaxBy(mount => mount.Length);

    private static bool IsUnder(string folder, string mount) =>
        folder.StartsWith(mount, StringComparison.Ordinal) && (folder.Length == mount.Length || folder[mount.Length] == '/');
}
