using Microsoft.Data.Sqlite;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Storage</c> section.</summary>
/// <param name="Path">The database file; absolute.</param>
internal sealed record StorageSettings(string Path)
{
    private const string Setting = "Storage:ConnectionString";
    private const string Remedy = "write \"Data Source=\" and the path of a file, such as Data Source=data/mtastshost.db";

    /// <returns><c>null</c> if there is an error.</returns>
    public static StorageSettings? Read(SettingsReader settings)
    {
        var options = settings.Bind("Storage", new StorageOptionsValidator());
        SqliteConnectionStringBuilder connection;
        try
        {
            connection = new SqliteConnectionStringBuilder(options.ConnectionString);
        }
        catch (ArgumentException)
        {
            // Not quoted: one for another database contains a password.
            return Error(settings, "is not a connection string of SQLite", Remedy);
        }

        // Mode, Cache, Pooling … are not the operator's to set: some would weaken what the store promises.
        if (connection.Keys.Cast<string>().FirstOrDefault(key => key != "Data Source" && connection.ShouldSerialize(key)) is { } other)
            return Error(settings, $"'{other}' can't be set here", "leave only Data Source");
        var source = connection.DataSource;
        if (source.Length == 0 || source.Contains(":memory:", StringComparison.OrdinalIgnoreCase)
            || source.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || source.Contains('\0', StringComparison.Ordinal))
            return Error(settings, $"{ProblemList.Quote(source)} is not a file that can keep anything", Remedy);
        var path = System.IO.Path.GetFullPath(source, settings.FolderOf(Setting));
        return System.IO.Path.EndsInDirectorySeparator(path) ? Error(settings, $"{ProblemList.Quote(source)} is a folder", Remedy)
            : new StorageSettings(path);
    }

    /// <summary>The name of this service in the store: by it, a service knows which of the policies there were its own.</summary>
    public string UsedBy { get; init; } = "";

    public override string ToString() => Path;

    private static StorageSettings? Error(SettingsReader settings, string what, string remedy)
    {
        settings.Error(Setting, what, remedy);
        return null;
    }
}
