
namespace MtaStsHost.Configuration;

/// <summary>An entry of <c>Tls:Certificates</c>.</summary>
/// <param name="SettingPath"><c>Tls:Certificates:0</c>.</param>
/// <param name="Path">PEM with the chain after the leaf, or PKCS#12; absolute.</param>
/// <param name="KeyPath">The PEM key's own file, absolute; <c>null</c>: the key is in <paramref name="Path"/>.</param>
/// <param name="Password">Of the PKCS#12 file or of the encrypted PEM key.</param>
internal sealed record CertificateSource(string SettingPath, Origin Origin, string Path, string? KeyPath, string? Password)
{
    public static IReadOnlyList<CertificateSource> Read(SettingsReader settings)
    {
        var sources = new List<CertificateSource>();
        foreach (var section in settings.Sections("Tls:Certificates"))
        {
            // Not a list, or not an object in it: the schema has said so.
            if (!char.IsAsciiDigit(section[^1]) || settings.Raw(section) is { Kind: SettingKind.Text or SettingKind.EmptyList }) continue;
            var keyPath = settings.FullPath(section + ":KeyPath");
            if (settings.Find(section + ":Path") is { } path)
            {
                if (settings.FullPath(section + ":Path") is { } fullPath)
                    sources.Add(new CertificateSource(section, path.Origin, fullPath, keyPath, settings.Text(section + ":Password")));
            }
            else
            {
                settings.Problems.Error(section + ":Path",
                    (settings.Raw(section + ":KeyPath") ?? settings.Raw(section + ":Path") ?? settings.Raw(section)
                    ?? settings.Raw(section + ":Password"))?.Origin ?? default,
                    "is not set", "name the file with the certificate and its chain");
            }
        }

        return sources;
    }

    /// <summary>Whether the same files are meant, wherever that is written.</summary>
    public bool IsSameAs(CertificateSource other) => Path == other.Path && KeyPath == other.KeyPath && Password == other.Password;

    // A record's own text would print the password.
    public override string ToString() => Path;
}
