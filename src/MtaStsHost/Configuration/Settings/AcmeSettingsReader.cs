using System.Buffers;
using System.Collections.Immutable;
using Acme;
using MtaStsHost.Text;

namespace MtaStsHost.Configuration;

/// <summary>Judges the <c>Acme</c> section, all of it, whether or not it is in use: an error must not wait for the day that it
/// is.</summary>
internal static class AcmeSettingsReader
{
    private const string Production = "https://acme-v02.api.letsencrypt.org/directory";
    private const string Staging = "https://acme-staging-v02.api.letsencrypt.org/directory";
    private const string Terms = "Acme:AcceptTermsOfService";

    /// <summary>RFC 5321 §4.5.3.1.3.</summary>
    private const int LongestAddress = 254;

    /// <summary>What a local part or a domain has in quotation marks or brackets only: RFC 5322 §3.2.3.</summary>
    private static readonly SearchValues<char> s_special = SearchValues.Create("\"(),:;<>[\\]");

    /// <param name="hasHttps">Whether there is a public listener that would serve the certificates.</param>
    /// <returns><c>null</c> when nothing is to be ordered.</returns>
    public static AcmeSettings? Read(SettingsReader settings, bool hasHttps)
    {
        var errors = settings.Problems.Errors.Count;
        var accepted = settings.Bool(Terms, otherwise: false);
        var result = new AcmeSettings(
            ReadAuthorities(settings),
            EmailAddress(settings),
            ChallengeTypes(settings),
            KeyAlgorithmOf(settings),
            Line(settings, "Acme:PreferredChain"),
            Line(settings, "Acme:Profile"),
            settings.Int("Acme:MaxConcurrentOrders", 8, 1, 1000),
            settings.Bool("Acme:Preflight", otherwise: true),
            settings.Int("Acme:OrdersPerThreeHours", 250, 1, 10_000_000));
        if (!accepted || settings.Problems.Errors.Count > errors) return null;
        if (hasHttps) return result;
        settings.Problems.Warning(Terms, settings.Find(Terms)!.Value.Origin,
            "no certificates are ordered, since there is no Https endpoint",
            "add \"Https\": { \"Url\": \"https://*:443\" } to Kestrel:Endpoints, or set this to false");
        return null;
    }

    public static ImmutableArray<AuthoritySettings> ReadAuthorities(SettingsReader settings)
    {
        var isStaging = settings.Bool("Acme:UseStagingServer", otherwise: false);
        if (isStaging && settings.Find("Acme:DirectoryUrl") is not null)
            settings.Problems.Error("Acme:UseStagingServer", settings.Find("Acme:UseStagingServer")!.Value.Origin,
                "there is a DirectoryUrl too, and that names another server", "keep one of the two");
        var authorities = ImmutableArray.CreateBuilder<AuthoritySettings>();
        Add("Acme", new Uri(isStaging ? Staging : Production));
        foreach (var section in settings.Sections("Acme:Fallbacks"))
        {
            // Not a list, or not an object in it: the schema has said so.
            if (char.IsAsciiDigit(section[^1]) && settings.Raw(section)
                is not { Kind: SettingKind.Text or SettingKind.EmptyList }) Add(section, null);
        }

        return authorities.DrainToImmutable();

        void Add(string section, Uri? otherwise)
        {
            if (AuthorityReader.Read(settings, section, otherwise) is not { } authority) return;
            // A second account at the same CA is under the same limits, so it is no fallback.
            if (authorities.Any(other => other.DirectoryUrl == authority.DirectoryUrl && Equals(other.Binding, authority.Binding)))
                settings.Problems.Error(section + ":DirectoryUrl", settings.Find(section + ":DirectoryUrl")?.Origin ?? default,
                    $"{ProblemList.Quote(authority.DirectoryUrl.OriginalString)} is there already, with the same credentials",
                    "take it out, or name another CA");
            authorities.Add(authority);
        }
    }

    private static string EmailAddress(SettingsReader settings)
    {
        if (settings.Find("Acme:EmailAddress") is not { } value) return "";
        if (IsAddress(value.Text!)) return value.Text!;
        settings.Problems.Error("Acme:EmailAddress", value.Origin, $"{ProblemList.Quote(value.Text)} is no e-mail address",
            "write one address such as hostmaster@example.com, or leave it empty");
        return "";
    }

    /// <summary>
    /// Whether it can be the one address of a contact URL: RFC 8555 §7.3 wants no more than that in it. Quoted local parts are left out,
    /// and so is all that isn't ASCII, which CAs refuse.
    /// </summary>
    private static bool IsAddress(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 && text.Length <= LongestAddress
            && text.LastIndexOf('@') == at
            && !text.AsSpan().ContainsAnyExceptInRange('!', '~')
            && text.AsSpan().IndexOfAny(s_special) < 0;
    }

    private static ImmutableArray<string> ChallengeTypes(SettingsReader settings)
    {
        const string Path = "Acme:AllowedChallengeTypes";
        const string Remedy = "use TlsAlpn01, Http01 or both";
        var entries = settings.List(Path);
        if (entries.Count == 0)
        {
            if (settings.Raw(Path) is { Kind: SettingKind.EmptyList } empty) settings.Problems.Error(Path,
                empty.Origin, "is empty, so nothing could be proved to the CA", Remedy + ", or take it out");
            return [Challenge.TlsAlpn01, Challenge.Http01];
        }

        var types = new List<string>();
        foreach (var (path, value) in entries)
        {
            var type = value.Text!.ToLowerInvariant() switch { "tlsalpn01" => Challenge.TlsAlpn01,
                "http01" => Challenge.Http01, _ => null };
            if (type is null) settings.Problems.Error(path, value.Origin,
                $"{ProblemList.Quote(value.Text)} is no challenge type of this host", Remedy);
            else if (types.Contains(type)) settings.Problems.Error(path,
                value.Origin, $"{ProblemList.Quote(value.Text)} is there twice", "take one out");
            else types.Add(type);
        }

        return [.. types];
    }

    private static KeyAlgorithm KeyAlgorithmOf(SettingsReader settings) =>
        settings.Choice("Acme:KeyAlgorithm", nameof(KeyAlgorithm.ES256),
            nameof(KeyAlgorithm.ES256), nameof(KeyAlgorithm.ES384), nameof(KeyAlgorithm.RS256)) switch
        {
            nameof(KeyAlgorithm.ES384) => KeyAlgorithm.ES384,
            nameof(KeyAlgorithm.RS256) => KeyAlgorithm.RS256,
            _ => KeyAlgorithm.ES256,
        };

    private static string? Line(SettingsReader settings, string path)
    {
        if (settings.Find(path) is not { } value) return null;
        if (Printable.IsPrintable(value.Text!)) return value.Text;
        settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} has characters that are no text",
            "write the name as the CA has it");
        return null;
    }
}
