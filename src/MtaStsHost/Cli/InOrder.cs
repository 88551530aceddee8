namespace MtaStsHost.Cli;

/// <summary>Passes on in their order what comes in any order: each as soon as it and all before it are there.</summary>
internal sealed class InOrder<T>(Action<T> next)
{
    private readonly Dictionary<int, T> _waiting = [];
    private int _place;

    /// <param name="place">From 0 on, without gaps.</param>
    /// <param name="item">What belongs there.</param>
    public void Add(int place, T item)
    {
        _waiting.Add(place, item);
        while (_waiting.Remove(_place, out var due))
        {
            _place++;
            next(due);
        }
    }
}
