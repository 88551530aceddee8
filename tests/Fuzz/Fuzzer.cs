using System.Diagnostics;

namespace Fuzz;

/// <summary>Feeds mutated inputs to a target. The same seed gives the same inputs.</summary>
public sealed class Fuzzer(FuzzTarget target, int seed)
{
    private const int MaxCorpus = 2000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly List<byte[]> _corpus = [.. target.Seeds];
    private readonly Mutator _mutator = new(new Random(seed), target.Tokens);
    private readonly Random _random = new(seed + 1);

    /// <summary>How many inputs have been tried.</summary>
    public long Iterations { get; private set; }

    /// <summary>How many of them the target accepted.</summary>
    public long Accepted { get; private set; }

    /// <summary>Tries the seeds as they are, each of which must be accepted, then mutated inputs.</summary>
    /// <param name="iterations">How many mutated inputs.</param>
    /// <param name="limit">Stops after this time; null for no limit.</param>
    /// <exception cref="FuzzException">The target failed; the message has the input.</exception>
    public void Run(long iterations, TimeSpan? limit = null)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var seed in target.Seeds)
            if (!Try(seed))
                throw new FuzzException($"{target.Name} refuses its own seed {Convert.ToHexString(seed)}.");
        for (long i = 0; i < iterations && (limit is null || Stopwatch.GetElapsedTime(start) < limit); i++)
            TryMutated();
    }

    private void TryMutated()
    {
        var input = _mutator.Mutate(_corpus[_random.Next(_corpus.Count)], _corpus[_random.Next(_corpus.Count)]);
        // An accepted input leads further than any number of mutations of the seeds. Long ones would only slow the run down.
        if (!Try(input) || input.Length > 4096)
            return;
        if (_corpus.Count < MaxCorpus)
            _corpus.Add(input);
        else
            _corpus[_random.Next(target.Seeds.Count, _corpus.Count)] = input;
    }

    private bool Try(byte[] input)
    {
        Iterations++;
        var start = Stopwatch.GetTimestamp();
        bool accepted;
        try
        {
            accepted = target.Run(input);
        }
        catch (Exception e)
        {
            throw new FuzzException($"{target.Name}, seed {seed}, iteration {Iterations}: {e.Message} Input: {Convert.ToHexString(input)}",
                e);
        }

        if (Stopwatch.GetElapsedTime(start) > Limit)
            throw new FuzzException($"{target.Name}, seed {seed}, iteration {Iterations}: slow. Input: {Convert.ToHexString(input)}");
        if (accepted)
            Accepted++;
        return accepted;
    }
}
