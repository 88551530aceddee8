namespace Fuzz;

/// <summary>A parser to attack. Whatever <see cref="Run"/> throws is a finding.</summary>
public abstract class FuzzTarget
{
    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>How many inputs each run of the tests tries.</summary>
    public virtual int ShortRun => 20_000;

    /// <summary>Good inputs to start from.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Words of the grammar, and what breaks parsers.</summary>
    public abstract IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>Parses the input and throws if an invariant doesn't hold.</summary>
    /// <returns>Whether the parser accepted the input; the fuzzer goes on to mutate it.</returns>
    public abstract bool Run(ReadOnlySpan<byte> input);

    protected static void Require(bool condition, string invariant)
    {
        if (!condition)
            throw new FuzzException($"Broken: {invariant}.");
    }

    /// <summary>The result of a task that waits for nothing.</summary>
    protected static T Now<T>(Task<T> task) => task.IsCompleted ? task.GetAwaiter().GetResult() : throw new FuzzException("it waits");

    protected static bool IsOneLine(string? message) =>
        message is { Length: > 0 and < 1000 } && !message.Any(char.IsControl);
}
