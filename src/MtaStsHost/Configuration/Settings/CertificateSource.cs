namespace MtaStsHost.Configuration;

/// <summary>An entry of <c>Tls:Certificates</c>.</summary>
/// <param name="SettingPath"><c>Tls:Certificates:0</c>.</param>
/// <param name="Path">PEM with the chain after the leaf, or PKCS#12; absolute.</param>
/// <param name="KeyPath">The file with the PEM key, absolute; <c>null</c>: the key is in <paramref name="Path"/>.</param>
/// <param name="Password">Of the PKCS#12 file or of the encrypted PEM key.</param>
internal sealed record CertificateSource(string SettingPath, Origin Origin, string Path, string? KeyPath, string? Password)
{
    public static IReadOnlyList<CertificateSource> Read(SettingsReader settings)
    {
        var sources = new List<CertificateSource>();
        foreach (var (i, options) in settings.Bind("Tls", new TlsOptionsValidator()).Certificates.Index())
        {
            // One with an error is left out; there is no certificate to load.
            if (!System.IO.Path.IsPathRooted(options.Path) || options.Path.Contains('\0', StringComparison.Ordinal)
                || options.KeyPath?.Contains('\0', StringComparison.Ordinal) == true) continue;
            var path = settings.PathOf($"Tls.Certificates[{i}]");
            sources.Add(new CertificateSource(path, settings.OriginOf(path + ":Path"), options.Path, options.KeyPath, options.Password));
        }

        return sources;
    }

    /// <summary>Whether the same files are meant, wherever that is written.</summary>
    public bool IsSameAs(CertificateSource other) => Path == other.Path && KeyPath == other.KeyPath && Password == other.Password;

    // A record's own text would print the password.
    public override string ToString() => Path;
}
