using System.IO.Enumeration;
using Microsoft.Extensions.FileSystemGlobbing;

namespace MtaStsHost.Configuration;

/// <summary>One entry of <c>MtaSts:Include</c>: a file, or a glob (<c>*</c> within a name, <c>**</c> for folders at any depth). As in a
/// shell, <c>*</c> matches no name that begins with a dot: editors' locks and copies are called so.</summary>
internal sealed class IncludePattern
{
    /// <summary>As it is shipped: most configurations have no such folder.</summary>
    public const string Default = "domains.d/*.json";

    private readonly string _text;
    private readonly string _folder;
    private readonly Matcher? _glob;
    private readonly string _display;
    private readonly bool _matchesHidden;

    /// <param name="folder">The absolute folder that a relative pattern starts from.</param>
    public IncludePattern(string text, string folder)
    {
        _text = text;
        var segments = text.Split('/');
        var fixedCount = Array.FindIndex(segments, segment => segment.Contains('*', StringComparison.Ordinal));
        if (fixedCount < 0)
        {
            _folder = Path.GetFullPath(text, folder);
            _display = text;
            return;
        }

        _display = string.Join('/', segments[..fixedCount]);
        if (_display.Length == 0 && text.StartsWith('/')) _display = "/";
        _folder = Path.GetFullPath(_display, folder);
        _glob = new Matcher(StringComparison.Ordinal).AddInclude(string.Join('/', segments[fixedCount..]));
        WatchSubfolders = segments.Length > fixedCount + 1;
        _matchesHidden = segments[fixedCount..].Any(segment => segment.StartsWith('.'));
    }

    /// <summary>Why a text is not a pattern; <c>null</c> when it is one.</summary>
    public static string? Judge(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) return "is not a path";
        var star = text.IndexOf('*', StringComparison.Ordinal);
        return star >= 0 && text[star..].Split('/').Contains("..") ? "has .. after a *" : null;
    }

    /// <summary>The folder in which a new match can appear.</summary>
    public string WatchFolder => _glob is null ? Path.GetDirectoryName(_folder)! : _folder;

    public bool WatchSubfolders { get; }

    /// <summary>Whether a file of that absolute path would be included.</summary>
    public bool CanMatch(string path) => _glob is null ? path == _folder : _glob.Match(_folder, path).HasMatches;

    /// <summary>The folder that must be seen for what matches to be known; <c>null</c>: this is a file.</summary>
    /// <exception cref="IOException">It can't be reached, or is not a folder.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not reach it.</exception>
    public IncludeFolder? Look()
    {
        if (_glob is null) return null;
        var exists = FolderExists();
        return new IncludeFolder(_folder, exists, _text != Default, exists ? MountPoints.Find(_folder) : null);
    }

    /// <summary>What matches now, in byte order of the paths, so that every start and every replica sees the same order.</summary>
    public IReadOnlyList<ConfigurationFile> Files()
    {
        if (_glob is null) return [new ConfigurationFile(_text, _folder, Optional: false)];
        if (!FolderExists()) return [];
        return
        [
            .. _glob.Match(FilesBelow()).Files
                .Select(match => match.Path)
                .Order(StringComparer.Ordinal)
                .Select(path => new ConfigurationFile(Path.Combine(_display, path), Path.Combine(_folder, path), Optional: false)),
        ];
    }

    /// <summary>Not Directory.Exists, to which a folder that can't be reached looks like one that doesn't exist.</summary>
    private bool FolderExists()
    {
        try
        {
            return File.GetAttributes(_folder).HasFlag(FileAttributes.Directory) ? true
                : throw new IOException("it is not a folder, or a link that leads nowhere");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>
    /// Paths of the files below the folder. Folders behind symlinks are left out: two of them that lead upwards would make paths
    /// without end, and Kubernetes keeps the real files of a mounted folder behind one, where they are a second time.
    /// </summary>
    private FileSystemEnumerable<string> FilesBelow() => new FileSystemEnumerable<string>(
        _folder,
        (ref entry) => Path.GetRelativePath(_folder, entry.ToFullPath()),
        new EnumerationOptions { RecurseSubdirectories = WatchSubfolders,
            AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && IsSeen(entry.FileName),
        ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint)
            && !entry.FileName.StartsWith("..", StringComparison.Ordinal) && IsSeen(entry.FileName),
    };

    private bool IsSeen(ReadOnlySpan<char> name) => _matchesHidden || !name.StartsWith('.');
}
