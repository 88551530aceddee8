using System.CommandLine;
using MtaStsHost.Checks.Catalogue;

namespace MtaStsHost.Cli;

/// <summary>Options and arguments that several verbs have.</summary>
internal static class CliOptions
{
    public static Option<bool> Json(string description = "Print JSON.") => new("--json") { Description = description };

    public static Option<string> FailOn()
    {
        var option = new Option<string>("--fail-on")
        {
            Description = "Exit with 1 if a finding is this severe or worse: error, warning, or unknown (could not be checked from here).",
            DefaultValueFactory = _ => "warning",
            HelpName = "SEVERITY",
        };
        option.AcceptOnlyFromAmong("error", "warning", "unknown");
        return option;
    }

    public static FindingSeverity Severity(string failOn) => Enum.Parse<FindingSeverity>(failOn, ignoreCase: true);

    public static Argument<string[]> Domains(string verb, string description, ArgumentArity arity)
    {
        var domains = new Argument<string[]>("DOMAIN") { Description = description, Arity = arity };
        // Otherwise a mistyped option would be reported as a domain that isn't configured.
        domains.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-')))
                result.AddError($"{token.Value} is not an option of {verb}");
        });
        return domains;
    }
}
