using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using MtaStsHost.Text;

namespace MtaStsHost.Storage;

/// <summary>The database's file: it holds private keys, so that nobody but its owner may read it or its folder.</summary>
/// <param name="path">Absolute.</param>
internal sealed class SqliteFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // SQLite's result codes: https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CantOpen = 14;
    private const int NotADatabase = 26;

    public string Path { get; } = path;

    public bool Exists => File.Exists(Path);

    private string Name => Printable.Text(Path, 300);

    /// <summary>Makes the folder and the file where they are missing, each for its owner alone, and checks those that are there.</summary>
    /// <exception cref="StoreException">They can't be made, or others may read them.</exception>
    public void Prepare()
    {
        if (Directory.Exists(Path)) throw new StoreException($"the store {Name} is a folder", "name a file in Storage:ConnectionString");
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else PrepareUnix(folder);
    }

    /// <summary>What went wrong, in an operator's words.</summary>
    public StoreException Explain(Exception e)
    {
        if (e is StoreException known) return known;
        if (e is not SqliteException sqlite) return new StoreException($"the store {Name} can't be used: {Printable.Text(e.Message, 300)}",
            "check its path, its folder's permissions and the disk", e);
        var (what, remedy) = sqlite.SqliteErrorCode switch
        {
            Busy or Locked => ("is locked by another program", "end that program; only MtaStsHost should have it open"),
            ReadOnly => ("can't be written", "let this user write it and its folder"),
            Corrupt => ("is damaged", "move it away, and restore a backup; without one the host gets new certificates by itself"),
            Full => ("can't grow: the disk is full", "make room; the host goes on by itself"),
            CantOpen => ("can't be opened", "check the path, and that this user may read and write its folder"),
            NotADatabase => ("is no SQLite database", "name another file in Storage:ConnectionString, or move this one away"),
            _ => ($"fails ({Printable.Text(sqlite.Message, 300)})", "check the disk"),
        };
        return new StoreException($"the store {Name} {what}", remedy, e);
    }

    [UnsupportedOSPlatform("windows")]
    private void Create()
    {
        try
        {
            // SQLite gives its other files (-wal, -shm) the mode of this one.
            new FileStream(Path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly })
                .Dispose();
        }
        catch (IOException) when (File.Exists(Path))
        {
            // Another process was quicker.
        }
    }

    [UnsupportedOSPlatform("windows")]
    private void PrepareUnix(string folder)
    {
        // A new folder is the store's own. One that is there may hold other things too, so its mode is its owner's to change.
        if (!Directory.Exists(folder)) Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        if ((File.GetUnixFileMode(folder) & Others) != 0)
            throw new StoreException($"the store's folder {Printable.Text(folder, 300)} can be read by others, and private keys are in it",
                $"chmod 700 {Printable.Text(folder, 300)}, or name a file in a folder of its own in Storage:ConnectionString");
        if (!File.Exists(Path))
        {
            Create();
            return;
        }

        if ((File.GetUnixFileMode(Path) & Others) != 0)
            throw new StoreException($"the store {Name} can be read by others, and private keys are in it", $"chmod 600 {Name}");
    }
}
