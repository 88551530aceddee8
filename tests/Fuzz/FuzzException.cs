namespace Fuzz;

/// <summary>An invariant that doesn't hold, or the input that showed it.</summary>
public sealed class FuzzException : Exception
{
    public FuzzException()
    {
    }

    public FuzzException(string message)
        : base(message)
    {
    }

    public FuzzException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
