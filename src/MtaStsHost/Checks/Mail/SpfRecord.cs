using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace MtaStsHost.Checks.Mail;

/// <summary>RFC 7208 §4.6.2.</summary>
internal enum SpfQualifier
{
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// <summary>RFC 7208 §5.</summary>
internal enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>One mechanism with its qualifier.</summary>
/// <param name="Text">As it stands in the record.</param>
/// <param name="Position">Where it stands; the first character is 1.</param>
/// <param name="Domain">The domain-spec, with its macros; <c>null</c> for the domain of the record.</param>
/// <param name="Prefix">The shortest prefix that it takes hosts by (<c>/24</c>); <c>null</c> without one.</param>
internal sealed record SpfDirective(SpfQualifier Qualifier, SpfMechanism Mechanism,
    string Text, int Position, string? Domain, SpfPrefix? Prefix);

/// <summary>The prefix lengths of a mechanism, where they are given.</summary>
internal readonly record struct SpfPrefix(int? Ip4, int? Ip6);

/// <summary>An SPF record. RFC 7208 §4.6, §12.</summary>
/// <param name="Directives">In their order; those after <c>all</c> too, which nobody looks at.</param>
/// <param name="Redirect">The domain-spec of <c>redirect=</c>, or null.</param>
/// <param name="Idle">What is good by the grammar and does nothing: modifiers with a mechanism's name, terms after <c>all</c>.</param>
internal sealed record SpfRecord(ImmutableArray<SpfDirective> Directives, string? Redirect, ImmutableArray<RecordError> Idle)
{
    public const string Version = "v=spf1";

    private const int MaxIdle = 4;

    /// <summary>Where evaluation ends; <c>null</c> when nothing is said of all other hosts. RFC 7208 §5.1.</summary>
    public SpfDirective? All => Directives.FirstOrDefault(directive => directive.Mechanism == SpfMechanism.All);

    /// <summary>The directives that are evaluated.</summary>
    public IEnumerable<SpfDirective> Evaluated => Directives.TakeWhile(directive => directive.Mechanism != SpfMechanism.All);

    /// <summary>The redirect where it counts: not beside <c>all</c>. RFC 7208 §6.1.</summary>
    public string? EffectiveRedirect => All is null ? Redirect : null;

    /// <summary>Whether the text claims to be an SPF record: the version, then a space or the end. RFC 7208 §4.5.</summary>
    public static bool IsOne(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');

    /// <summary>Reads a record in one pass over the text. Never throws.</summary>
    /// <param name="error">The first thing that is wrong: a receiver gives up there (permerror, RFC 7208 §4.6).</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SpfRecord? record, [NotNullWhen(false)] out RecordError? error)
    {
        record = null;
        if (!IsOne(text))
        {
            error = new RecordError(1, $"doesn't begin with {Version} and a space");
            return false;
        }

        var directives = ImmutableArray.CreateBuilder<SpfDirective>();
        var idle = ImmutableArray.CreateBuilder<RecordError>();
        string? redirect = null;
        var (hasExplanation, isAfterAll) = (false, false);
        foreach (var range in text.AsSpan(Version.Length).Split(' '))
        {
            var (start, length) = range.GetOffsetAndLength(text.Length - Version.Length);
            if (length == 0) continue;
            var term = new SpfTerm(text.Substring(Version.Length + start, length), Version.Length + start + 1);
            if (term.ModifierName is { } name)
            {
                error = term.JudgeModifier();
                var isSecond = name is "redirect" ? redirect is not null : name is "exp" && hasExplanation;
                if (isSecond) error = new RecordError(term.Position, $"a second {name}=, of which there may be one");
                if (name is "redirect") redirect = term.Argument;
                hasExplanation |= name is "exp";
                if (error is null && term.IsMistakenModifier && idle.Count < MaxIdle) idle.Add(term.MistakenModifier());
            }
            else if (term.TryReadDirective(out var directive, out error))
            {
                if (isAfterAll && idle.Count < MaxIdle)
                    idle.Add(new RecordError(term.Position, $"{Texts.Quote(directive.Text)} stands after all, where nobody looks"));
                isAfterAll |= directive.Mechanism == SpfMechanism.All;
                directives.Add(directive);
            }

            if (error is not null) return false;
        }

        record = new SpfRecord(directives.DrainToImmutable(), redirect, idle.DrainToImmutable());
        error = null;
        return true;
    }
}
