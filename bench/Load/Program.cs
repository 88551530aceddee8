using System.Globalization;
using Load;

// The tool of bench/run; see bench/README.md.
return args switch
{
    ["domains", var count, var file] => Bench.WriteDomains(Number(count), file),
    ["compare", var mode, var rounds, var requests, .. var sides] =>
        Comparison.Run(mode == "tls", Number(rounds), Number(requests), [.. sides.Select(Side.Parse)]),
    ["start", var rounds, var settle, var port, .. var command] => Bench.Start(Number(rounds), Number(settle), Number(port), command),
    ["change", var port, var count, var file] => Bench.Change(Number(port), Number(count), file),
    ["certificates", var count, var folder, var store] => await Certificates.MakeAsync(Number(count), folder, store),
    _ => Usage(),
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Usage()
{
    Console.Error.WriteLine("""
        Load domains COUNT FILE                                 writes an included file of that many domains
        Load compare tls|plain ROUNDS REQUESTS LABEL:PORT:DOMAINS:PID[+PID]...
                                                                server CPU a request, the sides in turn
        Load start ROUNDS SETTLE-SECONDS PORT COMMAND...        exec to first answer, memory when idle
        Load certificates COUNT FOLDER STORE                    makes that many certificates, as files and in a host's store
        Load change PORT COUNT FILE                             changes one domain of the file under load
        """);
    return 2;
}
