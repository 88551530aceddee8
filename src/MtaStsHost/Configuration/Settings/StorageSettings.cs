using Microsoft.Data.Sqlite;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Storage</c> section.</summary>
/// <param name="Path">The database file; absolute.</param>
internal sealed record StorageSettings(string Path)
{
    private const string DefaultConnection = "Data Source=data/mtastshost.db";
    private const string Setting = "Storage:ConnectionString";
    private const string Remedy = "write \"Data Source=\" and the path of a file, such as " + DefaultConnection;

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
