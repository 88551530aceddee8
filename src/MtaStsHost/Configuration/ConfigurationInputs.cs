using MtaStsHost.Runtime;

namespace MtaStsHost.Configuration;

/// <summary>The files and folders that a load depended on, and a fingerprint of their state that changes when they do.</summary>
/// <param name="Files">Absolute paths, those of optional files that are missing too.</param>
internal sealed record ConfigurationInputs(IReadOnlyList<string> Files, IReadOnlyList<IncludePattern> Includes)
{
    public static readonly ConfigurationInputs None = new([], []);

    /// <summary>Of a file that is read for every fingerprint; for larger ones, only length and times count.</summary>
    private const int MaxReadBytes = 64 * 1024;

    /// <summary>Folders to watch, with whether their subfolders matter.</summary>
    public IEnumerable<(string Folder, bool Subfolders)> Folders() =>
        Files.Select(file => (Folder: Path.GetDirectoryName(file)!, Subfolders: false))
            .Concat(Includes.Select(include => (Folder: include.WatchFolder, Subfolders: include.WatchSubfolders)))
            .GroupBy(entry => entry.Folder, (folder, entries) => (folder, entries.Any(entry => entry.Subfolders)));

    /// <summary>
    /// From names, final targets of symlinks, times, lengths, and which file it is; included files are not read. Kubernetes switches a
    /// folder above the file, which leaves the file's own path as it was: hence the final target.
    /// </summary>
    public long Fingerprint()
    {
        var hash = new FingerprintHash();
        foreach (var (folder, _) in Folders()) hash.Add(string.GetHashCode(TruePath(folder), StringComparison.Ordinal));
        foreach (var file in Files) Add(ref hash, file, read: true);
        foreach (var include in Includes)
        {
            try
            {
                foreach (var file in include.Files()) Add(ref hash, file.Path, read: false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                hash.Add(e.HResult);
            }
        }

        return hash.Value;
    }

    private static void Add(ref FingerprintHash hash, string path, bool read)
    {
        hash.Add(string.GetHashCode(path, StringComparison.Ordinal));
        try
        {
            // FileInfo follows no symlink: a link's own time does not change with its target's.
            var file = new FileInfo(path);
            if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            {
                file = target;
                hash.Add(string.GetHashCode(TruePath(file.FullName), StringComparison.Ordinal));
            }

            if (!file.Exists)
            {
                hash.Add(1);
                return;
            }

            hash.Add(file.Length);
            hash.Add(file.LastWriteTimeUtc.Ticks);
            // Another file of the same length with times kept (cp -p, rsync -t), or other permissions.
            hash.Add(FileKind.StampOf(file.FullName));
            // Where a mount has no such stamp: testing and enforce have seven letters each.
            if (read && file.Length is > 0 and <= MaxReadBytes)
                hash.Add(BitConverter.ToInt64(SHA256.HashData(File.ReadAllBytes(file.FullName))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            hash.Add(e.HResult);
        }
    }

    /// <summary>The path with the nearest symlink among its folders resolved; the path itself where there is none or it can't be
    /// read.</summary>
    public static string TruePath(string path)
    {
        try
        {
            for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (new DirectoryInfo(folder) is { LinkTarget: not null } link
                    && link.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                    return Path.Combine(target.FullName, Path.GetRelativePath(folder, path));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As without a symlink.
        }

        return path;
    }

    /// <summary>FNV-1a over 64-bit words: 32 bits would miss a change once in a while on a long-lived host.</summary>
    private struct FingerprintHash
    {
        private ulong _state;

        public readonly long Value => (long)_state;

        public void Add(long value) => _state = (_state ^ (ulong)value ^ 0xcbf29ce484222325) * 0x100000001b3;
    }
}
