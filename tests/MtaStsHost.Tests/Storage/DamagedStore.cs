using Microsoft.Data.Sqlite;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <summary>Damages single rows of a SQLite store, as a bad disk or another program does.</summary>
internal static class DamagedStore
{
    private const int PageSize = 4096;

    /// <summary>A text that fills several pages, with a mark by which they are found.</summary>
    public static string Marked(char mark) => new(mark, 6 * PageSize);

    public static SqlStore Open(string path, TimeProvider time, DamagedRows? damaged = null) =>
        new StorageSettings(path).Open(time, damaged);

    public static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of a test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Overwrites a page of the row that holds a marked text. The store must be closed, so that its log is part of the
    /// file.</summary>
    public static void OverwritePage(string path, char mark)
    {
        var file = File.ReadAllBytes(path);
        var marked = Enumerable.Repeat((byte)mark, PageSize - 4).ToArray();
        var page = Enumerable.Range(0, file.Length / PageSize)
            .First(number => file.AsSpan((number * PageSize) + 4, PageSize - 4).SequenceEqual(marked));
        file.AsSpan(page * PageSize, PageSize).Fill(0xA5);
        File.WriteAllBytes(path, file);
    }
}
