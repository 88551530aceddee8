namespace MtaStsHost.Runtime;

/// <summary>Keeps a log short when many things happen at once: the first lines, and how many more there are.</summary>
internal static class LogLines
{
    public const int Shown = 10;

    /// <summary>Of a line, in characters; longer ones are hard to read. What is left out of a text is in /health.</summary>
    public const int MaxLength = 160;

    public static void Report<T>(this IReadOnlyCollection<T> items, Action<T> line, Action<int>? more = null)
    {
        foreach (var item in items.Take(Shown)) line(item);
        if (items.Count > Shown) more?.Invoke(items.Count - Shown);
    }
}
