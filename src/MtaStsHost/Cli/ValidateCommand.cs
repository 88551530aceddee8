using System.CommandLine;
using System.Globalization;
using MtaSts;
using MtaStsHost.Hosting;
using MtaStsHost.Policies;

namespace MtaStsHost.Cli;

/// <summary><c>validate</c>: judges the configuration as <c>serve</c> would, without network or store.</summary>
internal static class ValidateCommand
{
    public static Command Create(CliContext context)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("validate", "Checks the configuration and prints each domain with mode, max_age, mx and id.") { json };
        command.SetAction(parsed => Run(context, parsed, parsed.GetValue(json)));
        return command;
    }

    private static int Run(CliContext context, ParseResult parsed, bool json)
    {
        var loaded = context.Loader(parsed).Load();
        var settings = HostSettings.Read(loaded, null, TimeProvider.System);
        ProblemOutput.Write(loaded.Problems, Console.Error);
        var all = settings?.Policies.All ?? [];
        if (json)
        {
            CliOutput.Json(
                new ValidateResult(
                    settings is not null,
                    [.. loaded.Problems.Errors.Select(ProblemResult.Of)],
                    [.. loaded.Problems.Warnings.Select(ProblemResult.Of)],
                    [.. all.Select(DomainResult.Of)]),
                CliJson.Plain.ValidateResult);
        }
        else if (settings is not null)
        {
            CliOutput.Table(["domain", "mode", "max_age", "mx", "id"], all.Select(Row));
        }

        return settings is null ? ExitCode.Configuration : ExitCode.Good;
    }

    private static string[] Row(ServedPolicy policy) =>
    [
        policy.Domain.Value,
        PolicyModes.ToText(policy.Policy.Mode),
        policy.Policy.MaxAge.ToString(CultureInfo.InvariantCulture),
        string.Join(' ', policy.Policy.Mx.Select(mx => mx.Value)),
        policy.Id.Value,
    ];
}
