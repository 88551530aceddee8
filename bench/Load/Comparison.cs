using System.Globalization;

namespace Load;

/// <summary>A server under measurement: its port, how many domains it has, and the processes whose time is its own.</summary>
internal sealed record Side(string Label, int Port, int Domains, int[] Processes)
{
    public static Side Parse(string text) => text.Split(':') switch
    {
        [var label, var port, var domains, var processes] =>
            new Side(label, Number(port), Number(domains), [.. processes.Split('+').Select(Number)]),
        _ => throw new FormatException("LABEL:PORT:DOMAINS:PID[+PID]"),
    };

    /// <summary>Processor time of all the processes, user and system, in ticks of 10 ms.</summary>
    public long Ticks() => Processes.Sum(process =>
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    });

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>
/// Processor time a request of several servers. They are asked in turn, round by round, so that a machine that becomes slower
/// becomes so for all; what counts is the median of the rounds' ratios to the first side.
/// </summary>
internal static class Comparison
{
    private const int Connections = 16;

    private const int MicrosecondsPerTick = 10_000;

    public static int Run(bool tls, int rounds, int requests, Side[] sides)
    {
        var costs = sides.Select(_ => new double[rounds]).ToArray();
        var failed = new int[sides.Length];
        var versions = sides.Select(_ => "-").ToArray();
        foreach (var side in sides) Round(side, tls, requests / 2, out _); // warm: the first requests fill caches on both sides
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < sides.Length; i++)
            {
                // Every other round backwards, so that none always comes after the same one.
                var side = round % 2 == 0 ? i : sides.Length - 1 - i;
                var before = sides[side].Ticks();
                failed[side] += Round(sides[side], tls, requests, out versions[side]);
                costs[side][round] = (double)(sides[side].Ticks() - before) * MicrosecondsPerTick / requests;
            }
        }

        for (var i = 0; i < sides.Length; i++)
        {
            var ratios = costs[i].Zip(costs[0], (cost, first) => cost / first).ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sides[i].Label} {Bench.Median(costs[i]):0.0} {Bench.Median(ratios):0.00} {ratios.Min():0.00} {ratios.Max():0.00} "
                    + $"{failed[i]} {versions[i]}"));
        }

        return 0;
    }

    private static int Round(Side side, bool tls, int requests, out string version)
    {
        var (left, failed, negotiated) = (requests, 0, "-");
        var threads = Enumerable.Range(0, Connections).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            Client? client = null;
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var host = Bench.Host(random.Next(side.Domains));
                try
                {
                    client ??= tls ? Client.Tls(side.Port, host, out negotiated) : Client.Plain(side.Port);
                    client.Get(host, close: tls);
                }
                catch (Exception e)
                {
                    if (Interlocked.Increment(ref failed) == 1) Console.Error.WriteLine($"{side.Label}: {e.Message}");
                    client?.Dispose();
                    client = null;
                }

                if (!tls) continue;
                client?.Dispose();
                client = null;
            }

            client?.Dispose();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        version = negotiated;
        return failed;
    }
}
