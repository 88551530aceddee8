using System.Diagnostics;
using System.Globalization;
using Fuzz;

var target = FuzzTargets.All.FirstOrDefault(candidate => args.Length > 0 && candidate.Name == args[0]);
var options = args.Skip(1).Chunk(2).ToList();
if (target is null || options.Any(static option => option.Length < 2 || option[0] is not ("--seconds" or "--iterations" or "--seed")
    || !int.TryParse(option[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
{
    Console.Error.WriteLine("Usage: Fuzz TARGET [--seconds N | --iterations N] [--seed N]");
    Console.Error.WriteLine($"Targets: {string.Join(' ', FuzzTargets.All.Select(static candidate => candidate.Name))}");
    return 2;
}

int? Read(string name) =>
    options.LastOrDefault(option => option[0] == name) is { } found ? int.Parse(found[1], CultureInfo.InvariantCulture) : null;

var seed = Read("--seed") ?? 1;
var iterations = Read("--iterations") ?? (Read("--seconds") is null ? 100_000 : long.MaxValue);
var limit = Read("--seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
var fuzzer = new Fuzzer(target, seed);
var start = Stopwatch.GetTimestamp();
try
{
    fuzzer.RunSeeds();
    for (long i = 0; i < iterations && Stopwatch.GetElapsedTime(start) < limit; i++)
        fuzzer.RunOne();
}
catch (FuzzException e)
{
    Console.Error.WriteLine(e);
    return 1;
}

Console.WriteLine($"{target.Name}: seed {seed}, {fuzzer.Iterations} inputs, {fuzzer.Accepted} taken, nothing found.");
return 0;
