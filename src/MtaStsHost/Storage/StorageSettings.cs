using Microsoft.Data.Sqlite;
using MtaStsHost.Configuration;

namespace MtaStsHost.Storage;

/// <summary>The <c>Storage</c> section.</summary>
/// <param name="Path">The database file; absolute.</param>
internal sealed record StorageSettings(string Path)
{
    private const string DefaultConnection = "Data Source=data/mtastshost.db";
    private const string Setting = "Storage:ConnectionString";
    private const string Remedy = "write \"Data Source=\" and the path of a file, such as " + DefaultConnection;

    /// <summary>Whether the store has been made, as far as this user may look.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>Whether this user may not even look: its folder is for the host's user alone.</summary>
    public bool IsHidden
    {
        get
        {
            try
            {
                File.GetAttributes(Path);
                return false;
            }
            catch (UnauthorizedAccessException)
            {
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    /// <summary>For a verb that can't do without it, and finds none.</summary>
    public (string What, string Remedy) WhyNotThere => IsHidden
        ? ($"this user may not look at the store at {Path}", "run it as the host's user, or with sudo")
        : ($"there is no store at {Path}", "check the setting, or start the host, which makes it");

#pragma warning disable CA2000 // The store disposes of its engine.
    public SqlStore Open(TimeProvider time) => new SqlStore(new SqliteEngine(Path), time);
#pragma warning restore CA2000

    public override string ToString() => Path;

    /// <returns><c>null</c> when there is an error.</returns>
    public static StorageSettings? Read(SettingsReader settings)
    {
        settings.Choice("Storage:Provider", "Sqlite", "Sqlite");
        var value = settings.Find(Setting);
        var folder = value?.Layer.Folder ?? settings.DefaultFolder;
        SqliteConnectionStringBuilder connection;
        try
        {
            connection = new SqliteConnectionStringBuilder(value?.Text ?? DefaultConnection);
        }
        catch (ArgumentException)
        {
            // Not quoted: one that is meant for another database has a password in it.
            return Error(settings, value, "this is no connection string of SQLite", Remedy);
        }

        // Mode, Cache, Pooling … are ours to choose: some would weaken what the store promises.
        if (connection.Keys.Cast<string>().FirstOrDefault(key => key != "Data Source" && connection.ShouldSerialize(key)) is { } other)
            return Error(settings, value, $"'{other}' can't be set here", "leave only Data Source");
        var source = connection.DataSource;
        if (source.Length == 0 || source.Contains(":memory:", StringComparison.OrdinalIgnoreCase)
            || source.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || source.Contains('\0', StringComparison.Ordinal))
            return Error(settings, value, $"{ProblemList.Quote(source)} is no file that could keep anything", Remedy);
        var path = System.IO.Path.GetFullPath(source, folder);
        return System.IO.Path.EndsInDirectorySeparator(path) ? Error(settings, value, $"{ProblemList.Quote(source)} is a folder", Remedy)
            : new StorageSettings(path);
    }

    private static StorageSettings? Error(SettingsReader settings, SettingValue? value, string what, string remedy)
    {
        settings.Problems.Error(Setting, value?.Origin ?? default, what, remedy);
        return null;
    }
}
