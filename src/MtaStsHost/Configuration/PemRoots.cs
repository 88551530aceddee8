using System.Security.Cryptography.X509Certificates;

namespace MtaStsHost.Configuration;

/// <summary>Reads the root certificates of a <c>TrustedRootsFile</c> setting.</summary>
internal static class PemRoots
{
    /// <summary>Five times the size of all roots that an operating system trusts.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const string Remedy = "name a file of PEM certificates, or remove the setting to trust the system's roots";

    /// <param name="file">Absolute; <c>null</c>: the system's roots.</param>
    /// <param name="roots"><c>null</c>: the system's. The caller disposes of them.</param>
    /// <param name="fault">Why the file can't be used.</param>
    public static bool TryLoad(string? file, out X509Certificate2Collection? roots, out (string What, string Remedy) fault)
    {
        (roots, fault) = (null, default);
        if (file is null) return true;
        var name = Printable.Text(file, 400);
        roots = [];
        try
        {
            roots.ImportFromPem(Encoding.UTF8.GetString(BoundedFile.Read(file, MaxBytes)));
            fault = ($"{name} has no certificate in it", Remedy);
            return roots.Count > 0;
        }
        catch (CryptographicException)
        {
            fault = ($"{name} has a certificate that can't be read", Remedy);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = ($"{name} can't be read", ConfigurationLoader.Reason(e));
            return false;
        }
    }
}
