using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using MtaStsHost.Runtime;

namespace MtaStsHost.Storage;

/// <summary>The database file. It holds private keys, so only its owner may read it or its folder.</summary>
/// <param name="path">Absolute.</param>
internal sealed class SqliteFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // SQLite's result codes: https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    internal const int Unreadable = 10;
    internal const int Corrupt = 11;
    private const int Full = 13;
    private const int CantOpen = 14;
    private const int NotADatabase = 26;

    public string Path { get; } = path;

    /// <summary>Which file it is now: another one after a backup was renamed into its place. <c>null</c>: there is none.</summary>
    public FileIdentity? Identity => FileKind.IdentityOf(Path);

    private string Name => Printable.Text(Path, 300);

    /// <summary>Creates a missing folder and file for their owner only, and checks existing ones.</summary>
    /// <exception cref="StoreException">They can't be created, or others may read them.</exception>
    public void Prepare()
    {
        if (Directory.Exists(Path)) throw new StoreException($"the store {Name} is a folder", "name a file in Storage:ConnectionString");
        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else PrepareUnix(folder);
    }

    /// <summary>Explains a failure to an operator.</summary>
    public StoreException Explain(Exception e)
    {
        if (e is StoreException known) return known;
        // The binding loads it in a type's initializer.
        if (e is DllNotFoundException or TypeInitializationException)
            return new StoreException("the SQLite library libe_sqlite3.so can't be loaded",
                "install it next to MtaStsHost, from the same release or build", e);
        if (e is not SqliteException sqlite) return new StoreException($"the store {Name} can't be used: {Printable.Text(e.Message, 300)}",
            "check its path, its folder's permissions and the disk", e);
        var (what, remedy) = sqlite.SqliteErrorCode switch
        {
            Busy or Locked => ("is locked by another program", "stop that program; only MtaStsHost should have the file open"),
            ReadOnly => ("can't be written", "give this user write access to it and its folder"),
            Corrupt => ("is damaged", "move it away, and restore a backup; without one, the service orders new certificates"),
            Full => ("can't grow: the disk is full", "free some space; the service recovers automatically"),
            CantOpen => ("can't be opened", "check the path, and give this user read and write access to its folder"),
            NotADatabase => ("is not a SQLite database", "name another file in Storage:ConnectionString, or move this one away"),
            _ => ($"fails ({Printable.Text(sqlite.Message, 300)})", "check the disk"),
        };
        return new StoreException($"the store {Name} {what}", remedy, e);
    }

    [UnsupportedOSPlatform("windows")]
    private void Create()
    {
        try
        {
            // SQLite's other files (-wal, -shm) inherit this mode.
            new FileStream(Path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly })
                .Dispose();
        }
        catch (IOException) when (File.Exists(Path))
        {
            // Another process was faster.
        }
    }

    [UnsupportedOSPlatform("windows")]
    private void PrepareUnix(string folder)
    {
        // A new folder is ours. An existing one may hold other things, so changing its mode is up to its owner.
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
