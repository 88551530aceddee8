using System.Diagnostics;

namespace Fuzz;

/// <summary>Feeds a target with mutated inputs. The same seed gives the same inputs.</summary>
public sealed class Fuzzer(FuzzTarget target, int seed)
{
    private const int MaxCorpus = 2000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly List<byte[]> _corpus = [.. target.Seeds];
    private readonly Mutator _mutator = new(new Random(seed), target.Tokens);
    private readonly Random _random = new(seed + 1);

    /// <summary>How many inputs have been tried.</summary>
    public long Iterations { get; private set; }

    /// <summary>How many of them the target took.</summary>
    public long Accepted { get; private set; }

    /// <summary>Tries the seeds as they are; each must be taken.</summary>
    public void RunSeeds()
    {
        foreach (var input in target.Seeds)
            if (!Run(input))
                throw new FuzzException($"{target.Name} doesn't take its own seed {Convert.ToHexString(input)}.");
    }

    /// <summary>Tries one mutated input.</summary>
    /// <exception cref="FuzzException">The target failed; the message has the input.</exception>
    public void RunOne()
    {
        var input = _mutator.Mutate(_corpus[_random.Next(_corpus.Count)], _corpus[_random.Next(_corpus.Count)]);
        // Inputs that are taken lead further than any number of mutations of the seeds. Long ones would only slow down.
        if (!Run(input) || input.Length > 4096)
            return;
        if (_corpus.Count < MaxCorpus)
            _corpus.Add(input);
        else
            _corpus[_random.Next(target.Seeds.Count, _corpus.Count)] = input;
    }

    private bool Run(byte[] input)
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
