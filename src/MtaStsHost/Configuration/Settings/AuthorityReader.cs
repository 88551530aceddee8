using Acme;
using MtaStsHost.Text;

namespace MtaStsHost.Configuration;

/// <summary>Judges one CA: <c>Acme</c> itself, or an entry of <c>Acme:Fallbacks</c>.</summary>
internal static class AuthorityReader
{
    /// <param name="otherwise">The directory when none is named; <c>null</c>: one must be.</param>
    /// <returns><c>null</c> when the directory has an error.</returns>
    public static AuthoritySettings? Read(SettingsReader settings, string section, Uri? otherwise)
    {
        var directory = DirectoryUrl(settings, section, otherwise);
        var roots = settings.FullPath(section + ":TrustedRootsFile");
        var binding = Binding(settings, section + ":EabCredentials");
        return directory is null ? null : new AuthoritySettings(directory, roots, binding);
    }

    private static Uri? DirectoryUrl(SettingsReader settings, string section, Uri? otherwise)
    {
        var path = section + ":DirectoryUrl";
        if (settings.Find(path) is not { } value)
        {
            // A misspelt key has its error, and is what is missing here.
            if (otherwise is null && !settings.Problems.HasErrorUnder(section)) settings.Problems.Error(path,
                OriginOf(settings, section), "is not set", "write the URL of the CA's ACME directory");
            return otherwise;
        }

        // A secret in the URL would end up in logs; a fragment is never sent.
        if (Uri.TryCreate(value.Text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps
            && url is { Host.Length: > 0, UserInfo: "", Fragment: "" } && Printable.IsPrintable(value.Text)) return url;
        settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no https URL",
            "write the URL of the CA's ACME directory, such as https://acme-v02.api.letsencrypt.org/directory");
        return null;
    }

    private static ExternalAccountBinding? Binding(SettingsReader settings, string section)
    {
        var (idPath, keyPath, algorithmPath) = (section + ":EabKeyId", section + ":EabKey", section + ":EabKeyAlg");
        var (id, key, named) = (settings.Find(idPath), settings.Find(keyPath), settings.Find(algorithmPath));
        var algorithm = settings.Choice(algorithmPath, nameof(MacAlgorithm.HS256),
            nameof(MacAlgorithm.HS256), nameof(MacAlgorithm.HS384), nameof(MacAlgorithm.HS512));
        if ((id ?? key ?? named) is not { } any) return null;
        if (id is null) settings.Problems.Error(idPath, any.Origin, "is not set, though other credentials are",
            "write what the CA shows as key id");
        if (key is null) settings.Problems.Error(keyPath, any.Origin, "is not set, though other credentials are",
            "write what the CA shows as (HMAC) key");
        if (id is null || key is null) return null;
        var mac = algorithm switch { nameof(MacAlgorithm.HS384) => MacAlgorithm.HS384,
            nameof(MacAlgorithm.HS512) => MacAlgorithm.HS512, _ => MacAlgorithm.HS256 };
        if (ExternalAccountBinding.TryCreate(id.Value.Text, key.Value.Text, mac, out var binding, out var error)) return binding;
        settings.Problems.Error(section, key.Value.Origin, error, "copy key id and key as the CA shows them");
        return null;
    }

    private static Origin OriginOf(SettingsReader settings, string section) =>
        (settings.Raw(section) ?? settings.Raw(section + ":DirectoryUrl") ?? settings.Find(section + ":TrustedRootsFile")
            ?? settings.Find(section + ":EabCredentials:EabKeyId") ?? settings.Find(section + ":EabCredentials:EabKey"))?.Origin ?? default;
}
