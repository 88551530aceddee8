using System.Globalization;

namespace Fuzz;

/// <summary>Fuzzes one target for as long as the command line says.</summary>
internal static class FuzzProgram
{
    private const int UsageError = 2;

    public static int Main(string[] args)
    {
        var target = FuzzTargets.All.FirstOrDefault(candidate => args.Length > 0 && candidate.Name == args[0]);
        var options = args.Skip(1).Chunk(2).ToList();
        if (target is null || options.Exists(static option => option.Length < 2
            || option[0] is not ("--seconds" or "--iterations" or "--seed")
            || !int.TryParse(option[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            Console.Error.WriteLine("Usage: Fuzz TARGET [--seconds N | --iterations N] [--seed N]");
            Console.Error.WriteLine($"Targets: {string.Join(' ', FuzzTargets.All.Select(static candidate => candidate.Name))}");
            return UsageError;
        }

        int? Read(string name) => options.FindLast(option => option[0] == name) is { } found
            ? int.Parse(found[1], CultureInfo.InvariantCulture) : null;

        var seed = Read("--seed") ?? 1;
        TimeSpan? limit = Read("--seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        var fuzzer = new Fuzzer(target, seed);
        try
        {
            fuzzer.Run(Read("--iterations") ?? (limit is null ? 100_000 : long.MaxValue), limit);
        }
        catch (FuzzException e)
        {
            Console.Error.WriteLine(e);
            return 1;
        }

        Console.WriteLine($"{target.Name}: seed {seed}, {fuzzer.Iterations} inputs, {fuzzer.Accepted} accepted, nothing found.");
        return 0;
    }
}
