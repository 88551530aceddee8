using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Acme.Testing;

public sealed partial class FakeAcmeServer
{
    private FakeResponse GetCertificate(FakeRequest request, FakeAccount account)
    {
        var certificate = Find(Certificates, one => one.Id == request.Id && one.Account == account);
        var index = request.Url.Segments.Length > 3 ? int.Parse(request.Url.Segments[3]) : 0;
        var response = FakeResponse.Text(certificate.Chains[index], "application/pem-certificate-chain");
        response.With("Link", $"<{DirectoryUrl}>;rel=\"index\"");
        for (var i = 0; i < certificate.Chains.Count; i++)
            if (i != index) response.With("Link", $"<{Url("certificate", certificate.Id)}/{i}>;rel=\"alternate\"");
        return response;
    }

    private FakeResponse Revoke(FakeRequest request, FakeAccount? account)
    {
        var der = Base64Url.DecodeFromChars((string)request.Payload!["certificate"]!);
        var certificate = Find(Certificates, one => one.Leaf.RawData.AsSpan().SequenceEqual(der));
        if (account is null ? !IsKeyOf(certificate.Leaf, request.Jws!.Jwk!) : certificate.Account != account)
            throw new FakeProblemException(403, "unauthorized", "That is neither your certificate nor your key.");
        if (certificate.Revoked is not null) throw new FakeProblemException(400, "alreadyRevoked", "It is revoked already.");
        var reason = (int?)request.Payload["reason"];
        if (reason is 2 or 6 or 7 or > 10) throw new FakeProblemException(400, "badRevocationReason", "Not that reason.");
        certificate.Revoked = reason ?? -1;
        return new FakeResponse();
    }

    private static bool IsKeyOf(X509Certificate2 certificate, JsonObject jwk)
    {
        if (TryThumbprint(certificate.PublicKey) is { } thumbprint) return thumbprint == FakeJws.Thumbprint(jwk);
        using var rsa = certificate.GetRSAPublicKey();
        return rsa is not null && (string?)jwk["n"] == Base64Url.EncodeToString(rsa.ExportParameters(false).Modulus);
    }

    private FakeResponse GetRenewalInfo(FakeRequest request)
    {
        var window = Plays.HasExtensions && RenewalWindows is not null ? WindowOf(request.Id) : null;
        if (window is not { } known) throw new FakeProblemException(404, "malformed", "There is no such certificate.");
        return FakeResponse.Json(new JsonObject
        {
            ["suggestedWindow"] = new JsonObject { ["start"] = Rfc3339(known.Start), ["end"] = Rfc3339(known.End) },
            ["explanationURL"] = "https://example.org/why",
        }).With("Retry-After", "21600");
    }

    private (DateTimeOffset Start, DateTimeOffset End)? WindowOf(string id)
    {
        if (RenewalWindows!.TryGetValue(id, out var set)) return set;
        if (!Plays.HasWindows || Find(id) is not { } certificate) return null;
        var (from, to) = (certificate.Leaf.NotBefore.ToUniversalTime(), certificate.Leaf.NotAfter.ToUniversalTime());
        var middle = new DateTimeOffset(to - ((to - from) / 3));
        return (middle.AddDays(-1), middle.AddDays(1));
    }

    /// <summary>By the id of RFC 9773 §4.1.</summary>
    private FakeCertificate? Find(string id) => Certificates.Find(one => id.EndsWith(
        "." + Base64Url.EncodeToString(one.Leaf.SerialNumberBytes.Span), StringComparison.Ordinal));
}
