using System.CommandLine;

namespace MtaStsHost.Cli;

/// <summary>The domains that a verb is about.</summary>
internal static class DomainArgument
{
    public static Argument<string[]> Create(string verb, string description, ArgumentArity arity)
    {
        var domains = new Argument<string[]>("DOMAIN") { Description = description, Arity = arity };
        // Without this, a mistyped option would be told to be a domain that isn't configured.
        domains.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith('-'))) result.AddError(
                $"{token.Value} is not an option of {verb}");
        });
        return domains;
    }
}
