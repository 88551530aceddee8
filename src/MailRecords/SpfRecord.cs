namespace MailRecords;

/// <summary>An SPF record. RFC 7208 §4.6, §12.</summary>
/// <param name="Directives">In the record's order, including those after <c>all</c>, which receivers ignore.</param>
/// <param name="Redirect">The domain-spec of <c>redirect=</c>, or <c>null</c>.</param>
/// <param name="Ignored">What is valid and has no effect: modifiers named like a mechanism, and terms after <c>all</c>; at most 4.</param>
public sealed record SpfRecord(ImmutableArray<SpfDirective> Directives, string? Redirect, ImmutableArray<RecordError> Ignored)
{
    /// <summary>What every record begins with. RFC 7208 §4.5.</summary>
    public const string Version = "v=spf1";

    private const int MaxIgnored = 4;

    /// <summary>Where evaluation ends; <c>null</c> when the record gives no result for other hosts. RFC 7208 §5.1.</summary>
    public SpfDirective? All => Directives.FirstOrDefault(directive => directive.Mechanism == SpfMechanism.All);

    /// <summary>The directives before <c>all</c>.</summary>
    public IEnumerable<SpfDirective> Evaluated => Directives.TakeWhile(directive => directive.Mechanism != SpfMechanism.All);

    /// <summary>The redirect, unless <c>all</c> overrides it. RFC 7208 §6.1.</summary>
    public string? EffectiveRedirect => All is null ? Redirect : null;

    /// <summary>Whether the text is meant as an SPF record: the version, then a space or the end. RFC 7208 §4.5.</summary>
    public static bool IsCandidate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Version, StringComparison.OrdinalIgnoreCase)
            && (text.Length == Version.Length || text[Version.Length] == ' ');
    }

    /// <summary>Reads a record in one pass. Never throws for any text.</summary>
    /// <param name="text">The strings of one TXT record, concatenated.</param>
    /// <param name="record">The record.</param>
    /// <param name="error">The first error. Receivers then give up on the whole record (permerror, RFC 7208 §4.6).</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SpfRecord? record, [NotNullWhen(false)] out RecordError? error)
    {
        record = null;
        error = IsCandidate(text) ? null : new RecordError(1, $"expected {Version} and a space");
        var directives = ImmutableArray.CreateBuilder<SpfDirective>();
        var ignored = ImmutableArray.CreateBuilder<RecordError>();
        string? redirect = null;
        var (hasExplanation, isAfterAll) = (false, false);
        if (error is not null) return false;
        foreach (var range in text.AsSpan(Version.Length).Split(' '))
        {
            var (start, length) = range.GetOffsetAndLength(text.Length - Version.Length);
            if (length == 0) continue;
            var term = new SpfTerm(text.Substring(Version.Length + start, length), Version.Length + start + 1);
            RecordError? idle = null;
            if (term.ModifierName is { } name)
            {
                error = (name == "redirect" ? redirect is not null : name == "exp" && hasExplanation)
                    ? new RecordError(term.Position, $"a second {name}=; only one is allowed") : term.CheckModifier();
                if (name == "redirect") redirect = term.Argument;
                hasExplanation |= name == "exp";
                idle = term.MistakenModifier;
            }
            else if (term.TryReadDirective(out var directive, out error))
            {
                if (isAfterAll) idle = new RecordError(term.Position, $"{Quoted.Text(directive.Text, 120)} after all has no effect");
                isAfterAll |= directive.Mechanism == SpfMechanism.All;
                directives.Add(directive);
            }

            if (error is not null) return false;
            if (idle is not null && ignored.Count < MaxIgnored) ignored.Add(idle);
        }

        record = new SpfRecord(directives.DrainToImmutable(), redirect, ignored.DrainToImmutable());
        return true;
    }
}

/// <summary>The result of a mechanism that matches. RFC 7208 §4.6.2.</summary>
public enum SpfQualifier
{
    /// <summary><c>+</c>, the default.</summary>
    Pass,

    /// <summary><c>-</c>.</summary>
    Fail,

    /// <summary><c>~</c>.</summary>
    SoftFail,

    /// <summary><c>?</c>.</summary>
    Neutral,
}

/// <summary>The mechanisms of RFC 7208 §5.</summary>
public enum SpfMechanism
{
    /// <summary>Matches every host.</summary>
    All,

    /// <summary>Matches what passes the record of another domain.</summary>
    Include,

    /// <summary>Matches the addresses of a name.</summary>
    A,

    /// <summary>Matches the addresses of a domain's MX hosts.</summary>
    Mx,

    /// <summary>Matches hosts whose reverse name is within a domain; deprecated.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The name in RFC 7208.")]
    Ptr,

    /// <summary>Matches an IPv4 network.</summary>
    Ip4,

    /// <summary>Matches an IPv6 network.</summary>
    Ip6,

    /// <summary>Matches when a name has an A record.</summary>
    Exists,
}

/// <summary>One mechanism with its qualifier.</summary>
/// <param name="Qualifier">The result for hosts that match.</param>
/// <param name="Mechanism">Which hosts match.</param>
/// <param name="Text">As written in the record.</param>
/// <param name="Position">Where the term begins; the first character of the record is 1.</param>
/// <param name="Domain">The domain-spec, with its macros; <c>null</c> means the record's own domain.</param>
/// <param name="Prefix">The prefix lengths (<c>/24//64</c>), or <c>null</c>.</param>
public sealed record SpfDirective(
    SpfQualifier Qualifier, SpfMechanism Mechanism, string Text, int Position, string? Domain, SpfPrefix? Prefix);

/// <summary>The prefix lengths of a mechanism.</summary>
/// <param name="Ip4">In bits, 0 to 32, or <c>null</c>.</param>
/// <param name="Ip6">In bits, 0 to 128, or <c>null</c>.</param>
public readonly record struct SpfPrefix(int? Ip4, int? Ip6);
