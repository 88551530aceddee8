namespace MtaStsHost.Runtime;

/// <summary>Returns memory to the system at the moments when much of it has just become free. The collector itself would wait for
/// allocations, and a service that does little makes few for days.</summary>
internal static class Garbage
{
    /// <summary>Of policies or rows: the garbage of fewer is not worth a pause.</summary>
    private const int Worthwhile = 1000;

    /// <summary>After work on so many policies or rows.</summary>
    public static void ReturnAfter(int items)
    {
        if (items >= Worthwhile) Return();
    }

    public static void Return() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
