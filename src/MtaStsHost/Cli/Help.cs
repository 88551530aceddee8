using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MtaStsHost.Cli;

/// <summary>Adds examples, and what no option list says, to <c>--help</c>.</summary>
internal static class Help
{
    private static readonly Dictionary<string, string[]> s_examples = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "MtaStsHost                                          serve what appsettings.json says",
            "MtaStsHost --config mtastshost.json                 with the settings of a file over it",
            "MtaStsHost --MtaSts:Defaults:Mode=testing           with one setting over it",
            "MtaStsHost validate                                 check the configuration first",
        ],
        ["serve"] =
        [
            "MtaStsHost serve",
            "MtaStsHost serve --config /etc/mtastshost/mtastshost.json",
            "MtaStsHost serve --Kestrel:Endpoints:Http:Url=http://127.0.0.1:8080",
        ],
        ["validate"] =
        [
            "MtaStsHost validate",
            "MtaStsHost validate --json --config new.json",
            "MtaStsHost validate --live --fail-on error --config new.json",
        ],
        ["records"] =
        [
            "MtaStsHost records example.com",
            "MtaStsHost records --format dnscontrol",
            "MtaStsHost records --format terraform example.com example.net",
        ],
        ["check"] =
        [
            "MtaStsHost check",
            "MtaStsHost check example.com --explain",
            "MtaStsHost check --json --fail-on error",
        ],
        ["import"] =
        [
            "MtaStsHost import https://mta-sts.example.com/.well-known/mta-sts.txt --output domains.d/example.com.json",
            "MtaStsHost import --domain example.com /srv/www/mta-sts.txt",
        ],
        ["history"] =
        [
            "MtaStsHost history example.com",
            "MtaStsHost history --json example.com example.net",
        ],
        ["certificates"] =
        [
            "MtaStsHost certificates list --sort expiry",
            "MtaStsHost certificates renew mta-sts.example.com",
        ],
        ["list"] =
        [
            "MtaStsHost certificates list",
            "MtaStsHost certificates list --sort expiry --json",
        ],
        ["renew"] =
        [
            "MtaStsHost certificates renew mta-sts.example.com",
            "MtaStsHost certificates renew example.com --timeout 0",
        ],
        ["export"] =
        [
            "MtaStsHost certificates export mta-sts.example.com --out /etc/ssl/mta-sts.example.com",
        ],
        ["revoke"] =
        [
            "MtaStsHost certificates revoke mta-sts.example.com --reason keyCompromise",
        ],
        ["healthcheck"] =
        [
            "MtaStsHost healthcheck",
            "MtaStsHost healthcheck --url http://127.0.0.1:9090",
        ],
    };

    public static void AddExamples(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        /// <summary>Who asks how a verb is used has left its arguments out.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var result = help.Invoke(parseResult);
            var command = parseResult.CommandResult.Command;
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Settings:");
            output.WriteLine("  --Key:Sub=value  Any setting of appsettings.json, over all files and the environment (Key__Sub=value).");
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (var example in s_examples[command is RootCommand ? "" : command.Name]) output.WriteLine("  " + example);
            output.WriteLine();
            output.WriteLine("Exit codes: 0 good; 1 findings, or the operation failed; 2 wrong usage; 78 the configuration is invalid.");
            return result;
        }
    }
}
