using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Load;

/// <summary>The other measurements, and what they share.</summary>
internal static class Bench
{
    public static string Domain(int number) => string.Create(CultureInfo.InvariantCulture, $"d{number}.bench.example");

    public static string Host(int number) => "mta-sts." + Domain(number);

    public static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Each domain has an mx of its own, so no two share a policy.</summary>
    public static int WriteDomains(int count, string file)
    {
        using var writer = new StreamWriter(file, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        writer.NewLine = "\n";
        writer.WriteLine("{ \"Domains\": {");
        for (var i = 0; i < count; i++)
            writer.WriteLine(
                $"  \"{Domain(i)}\": {{ \"Mode\": \"enforce\", \"Mx\": [ \"mx.{Domain(i)}\" ] }}{(i == count - 1 ? "" : ",")}");
        writer.WriteLine("} }");
        return 0;
    }

    /// <summary>From exec to the first 200, and resident memory when it has settled.</summary>
    public static int Start(int rounds, int settleSeconds, int port, string[] command)
    {
        var times = new double[rounds];
        var memory = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(command[0], command[1..]);
            times[round] = UntilAnswered(port, process, started);
            Thread.Sleep(TimeSpan.FromSeconds(settleSeconds));
            memory[round] = ResidentMegabytes(process.Id);
            Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
            process.WaitForExit();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Median(times):0} {times.Min():0} {times.Max():0} {Median(memory):0.0}"));
        return 0;
    }

    /// <summary>Changes the mx of the last domain by a rename, as editors do, while 4 connections ask for policies at random.</summary>
    public static int Change(int port, int count, string file)
    {
        var (stop, requests, failed) = (false, 0, 0);
        var threads = Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            Client? client = null;
            while (!Volatile.Read(ref stop))
            {
                try
                {
                    client ??= Client.Plain(port);
                    client.Get(Host(random.Next(count)), close: false);
                    Interlocked.Increment(ref requests);
                }
                catch (Exception e)
                {
                    if (Interlocked.Increment(ref failed) == 1) Console.Error.WriteLine(e.Message);
                    client?.Dispose();
                    client = null;
                }
            }

            client?.Dispose();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        Thread.Sleep(1000);

        var (domain, mx) = (Domain(count - 1), $"changed{Random.Shared.Next()}.{Domain(count - 1)}");
        var text = File.ReadAllText(file);
        var at = text.IndexOf($"\"{domain}\": {{", StringComparison.Ordinal);
        var from = text.IndexOf("\"Mx\": [ \"", at, StringComparison.Ordinal) + "\"Mx\": [ \"".Length;
        File.WriteAllText(file + ".new", string.Concat(text.AsSpan(0, from), mx, text.AsSpan(text.IndexOf('"', from))));
        File.Move(file + ".new", file, overwrite: true);
        var changed = Stopwatch.GetTimestamp();
        using var asking = Client.Plain(port);
        while (!asking.Get(Host(count - 1), close: false).Contains(mx, StringComparison.Ordinal)
            && Stopwatch.GetElapsedTime(changed) < TimeSpan.FromMinutes(1)) Thread.Sleep(2);
        var elapsed = Stopwatch.GetElapsedTime(changed);

        Thread.Sleep(1000);
        Volatile.Write(ref stop, true);
        threads.ForEach(thread => thread.Join());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:0.00} {failed} {requests}"));
        return 0;
    }

    private static double UntilAnswered(int port, Process process, long started)
    {
        while (!process.HasExited)
        {
            try
            {
                using var client = Client.Plain(port);
                client.Get(Host(0), close: true);
                return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                // Not listening yet. An exception costs more than a millisecond at first; the loop is tight otherwise.
                Thread.Sleep(1);
            }
        }

        throw new InvalidOperationException("the server ended");
    }

    private static double ResidentMegabytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("VmRSS:".Length).Trim(" \tkB"), provider: null) / 1024.0;
    }
}
