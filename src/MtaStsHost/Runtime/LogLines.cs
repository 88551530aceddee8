namespace MtaStsHost.Runtime;

/// <summary>Keeps a log short when many things happen at once: the first lines, and how many more there are.</summary>
internal static class LogLines
{
    public const int Shown = 10;

    /// <summary>Of a line, in characters; longer ones are hard to read. What is left out of a text is in /health.</summary>
    public const int MaxLength = 160;

    private const int MinText = 40;

    /// <summary>Cuts a text, so that its line is no longer than <see cref="MaxLength"/>, or not by much.</summary>
    /// <param name="rest">The length of what else is in the line.</param>
    public static string Fit(string text, int rest) => Printable.Text(text, Math.Max(MinText, MaxLength - 1 - rest));

    public static void Report<T>(this IReadOnlyCollection<T> items, Action<T> line, Action<int>? more = null)
    {
        foreach (var item in items.Take(Shown)) line(item);
        if (items.Count > Shown) more?.Invoke(items.Count - Shown);
    }
}
