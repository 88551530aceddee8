namespace MtaStsHost.Configuration;

/// <summary>
/// Reads a <c>LettuceEncrypt</c> section as <c>Acme</c>, whose names follow it: many ASP.NET Core operators have one already. Its values
/// are moved under <c>Acme</c> once, each with its own origin, so that no feature needs to know; messages keep the name that was written.
/// </summary>
internal static class LettuceEncryptSection
{
    public const string Name = "LettuceEncrypt";

    private const string Acme = "Acme";
    private const string ChallengeTypes = "AllowedChallengeTypes";

    /// <summary>Keys of LettuceEncrypt that mean nothing here, and why.</summary>
    private static readonly Dictionary<string, (string What, string Remedy)> s_foreign = new(StringComparer.OrdinalIgnoreCase)
    {
        ["DomainNames"] = ("is ignored: the names come from MtaSts:Domains", "take it out"),
        ["RenewDaysInAdvance"] = ("is ignored: renewal follows what the CA advises and how long a certificate lives", "take it out"),
        ["RenewalCheckPeriod"] = ("is ignored: each certificate has its own time of renewal", "take it out"),
        ["AdditionalIssuers"] = ("is ignored: the CA's chain is served as the CA sends it", "for a CA of your own, set TrustedRootsFile"),
        ["FallbackCertificate"] = ("is ignored", "name the certificate in Tls:Certificates"),
        ["KeySize"] = ("is ignored: RS256 keys have 2048 bits", "take it out"),
    };

    public static void Merge(ConfigurationTree tree, ProblemList problems)
    {
        var written = Under(tree, Name);
        if (written.Count == 0) return;
        foreach (var (path, _) in written) tree.Values.Remove(path);
        if (written.All(entry => IsUnset(entry.Value))) return;
        var acme = Under(tree, Acme);
        if (!acme.All(entry => IsAsShipped(entry.Key, entry.Value)))
        {
            problems.Warning(Name, written[0].Value.Origin, "is ignored, since there is an Acme section",
                "move its keys to Acme, or take one of the two out");
            return;
        }

        foreach (var (path, _) in acme) tree.Values.Remove(path);
        Move(tree, written, problems);
        problems.Rename(Acme, Name);
    }

    private static void Move(ConfigurationTree tree, List<KeyValuePair<string, SettingValue>> written, ProblemList problems)
    {
        var reported = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in written)
        {
            var rest = path[Name.Length..];
            var key = rest.Length == 0 ? "" : rest[1..].Split(':')[0];
            if (s_foreign.TryGetValue(key, out var foreign))
            {
                if (!IsUnset(value) && reported.Add(key)) problems.Warning($"{Name}:{key}", value.Origin, foreign.What, foreign.Remedy);
            }
            else if (rest.Equals($":{ChallengeTypes}", StringComparison.OrdinalIgnoreCase) && value.Kind == SettingKind.Text)
            {
                MoveChallengeTypes(tree, value, problems);
            }
            else
            {
                tree.Values[Acme + rest] = value;
            }
        }
    }

    /// <summary>There it is an enumeration of flags: <c>"Http01, TlsAlpn01"</c> or <c>"Any"</c>.</summary>
    private static void MoveChallengeTypes(ConfigurationTree tree, SettingValue value, ProblemList problems)
    {
        const string Path = $"{Acme}:{ChallengeTypes}";
        var types = value.Text!.Split(',', StringSplitOptions.TrimEntries);
        if (types is [var only] && (only.Length == 0 || only.Equals("Any", StringComparison.OrdinalIgnoreCase))) return;
        for (var i = 0; i < types.Length; i++)
        {
            tree.Values[$"{Path}:{i}"] = value with { Text = types[i] };
            problems.Rename($"{Path}:{i}", $"{Name}:{ChallengeTypes}");
        }
    }

    private static List<KeyValuePair<string, SettingValue>> Under(ConfigurationTree tree, string section) =>
    [
        .. tree.Values.Where(entry => entry.Key.StartsWith(section, StringComparison.OrdinalIgnoreCase)
            && (entry.Key.Length == section.Length || entry.Key[section.Length] == ':')),
    ];

    /// <summary>
    /// What the shipped appsettings.json has stands in every installation, so it says nothing of what the operator wants. The environment
    /// and the command line have no lines: the operator has always set those.
    /// </summary>
    private static bool IsAsShipped(string path, SettingValue value) => IsUnset(value)
        || (value is { Kind: SettingKind.Text, Line: > 0 }
            && ((path.Equals($"{Acme}:AcceptTermsOfService", StringComparison.OrdinalIgnoreCase)
                && "false".Equals(value.Text, StringComparison.OrdinalIgnoreCase))
                || (path.Equals($"{Acme}:EmailAddress", StringComparison.OrdinalIgnoreCase) && value.Text!.Length == 0)));

    private static bool IsUnset(SettingValue value) => value.Kind is SettingKind.Null or SettingKind.EmptyObject;
}
