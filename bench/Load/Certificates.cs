using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace Load;

/// <summary>Makes a certificate for each name: as files for nginx, and as rows of the host's store, as if a CA had issued them.</summary>
internal static class Certificates
{
    public static async Task<int> MakeAsync(int count, string folder, string storePath)
    {
        Directory.CreateDirectory(folder);
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=bench CA", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
        await using var store = new StorageSettings(Path.GetFullPath(storePath)).Open(TimeProvider.System);
        await store.EnqueueAsync([.. Enumerable.Range(0, count).Select(Bench.Host)], CancellationToken.None);
        foreach (var chunk in Enumerable.Range(0, count).Chunk(500))
            await Task.WhenAll(chunk.Select(number => MakeOneAsync(Bench.Host(number), root, folder, store, now)));
        return 0;
    }

    private static async Task MakeOneAsync(string host, X509Certificate2 root, string folder, SqlStore store, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(root, now.AddHours(-1), now.AddDays(89), RandomNumberGenerator.GetBytes(12));
        var (chain, keyPem) = (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, host + ".pem"), chain);
        await File.WriteAllTextAsync(Path.Combine(folder, host + ".key"), keyPem);
        var record = (await store.ClaimAsync(host, "bench", TimeSpan.FromMinutes(1), CancellationToken.None))! with
        {
            Certificate = new StoredCertificate(chain, keyPem, "bench CA",
                now.AddHours(-1), now.AddDays(89), now, "https://localhost/none", "https://localhost/none", null),
            RenewAt = now.AddDays(60),
            DueAt = now.AddDays(60),
        };
        await store.SaveAsync(record, [], "bench", release: true, CancellationToken.None);
    }
}
