using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Acme.Testing;

public sealed partial class FakeAcmeServer
{
    private FakeResponse NewOrder(FakeRequest request, FakeAccount account)
    {
        var payload = request.Payload!;
        var identifiers = payload["identifiers"]!.AsArray();
        RefuseNames(identifiers);
        var (replaces, profile) = Plays.HasExtensions ? ((string?)payload["replaces"], (string?)payload["profile"]) : (null, null);
        if (profile is not null && !Profiles.ContainsKey(profile))
            throw new FakeProblemException(400, "invalidProfile", $"There is no profile {profile}.");
        if (replaces is not null) CheckReplaces(replaces, account, identifiers);
        if (Plays.ReusesOrders && Orders.Find(one => one.Account == account && one.Status is "pending" or "ready"
            && JsonNode.DeepEquals(one.Identifiers, identifiers) && (profile is null || one.Profile == profile)) is { } open)
            return Show(open, 201).With("Location", Url("order", open.Id));
        var order = new FakeOrder
        {
            Id = NewId(),
            Account = account,
            Identifiers = identifiers.DeepClone().AsArray(),
            Authorizations = [.. identifiers.Select(one => Authorize(account, (string)one!["type"]!, (string)one["value"]!))],
            Replaces = replaces,
            Profile = profile ?? (Plays.HasExtensions ? Profiles.Keys.FirstOrDefault() : null),
        };
        Orders.Add(order);
        return Show(order, 201).With("Location", Url("order", order.Id));
    }

    private void CheckReplaces(string id, FakeAccount account, JsonArray identifiers)
    {
        if (Orders.Any(one => one.Replaces == id && one.Status != "invalid"))
            throw new FakeProblemException(409, "alreadyReplaced", "It has been replaced already.");
        if (!Plays.ChecksReplaces) return;
        if (Find(id) is not { } replaced) throw new FakeProblemException(404, "malformed", "There is no such certificate.");
        if (replaced.Account != account) throw new FakeProblemException(403, "unauthorized", "That is not your certificate.");
        if (!identifiers.Any(one => replaced.Leaf.MatchesHostname((string)one!["value"]!)))
            throw new FakeProblemException(400, "malformed", "The certificate is for other names.");
    }

    private void RefuseNames(JsonArray identifiers)
    {
        var bad = identifiers.Select(static one => (string)one!["value"]!).Where(IsRejected).ToList();
        if (bad.Count == 1) throw new FakeProblemException(400, "rejectedIdentifier", $"{bad[0]} is forbidden.");
        if (bad.Count > 1) throw new FakeProblemException(400, "compound", string.Join(", ", bad));
    }

    private FakeAuthorization Authorize(FakeAccount account, string type, string name)
    {
        if (Authorizations.Find(one => one.Account == account && one.Name == name && one.Status == "valid") is { } known) return known;
        var authorization = new FakeAuthorization
        {
            Id = NewId(), Account = account, Type = type, Name = name, Token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)),
        };
        Authorizations.Add(authorization);
        return authorization;
    }

    private FakeResponse GetOrder(FakeRequest request, FakeAccount account)
    {
        var order = Find(Orders, one => one.Id == request.Id && one.Account == account);
        if (order.FinalStatus == "processing" && --order.LooksUntilIssued < 0) Issue(order);
        return WithRetryAfter(Show(order, 200), order.Status == "processing" ? Plays.OrderRetryAfter : null);
    }

    private FakeResponse GetAuthorization(FakeRequest request, FakeAccount account)
    {
        var authorization = Find(Authorizations, one => one.Id == request.Id && one.Account == account);
        if ((string?)request.Payload?["status"] == "deactivated") authorization.Status = "deactivated";
        if (authorization.IsValidated && --authorization.LooksUntilValidated < 0) Decide(authorization);
        var challenges = ChallengeTypes.Select(type => Show(authorization, type)).ToList();
        if (Plays.ExtraChallenge is { } extra) challenges.Add(ShowExtra(authorization, extra));
        var json = new JsonObject
        {
            ["status"] = authorization.Status,
            ["expires"] = Rfc3339(_time.GetUtcNow() + Plays.OrderLife),
            ["identifier"] = new JsonObject { ["type"] = authorization.Type, ["value"] = authorization.Name },
            ["challenges"] = new JsonArray([.. challenges]),
        };
        return WithRetryAfter(FakeResponse.Json(json), authorization.IsValidated ? Plays.AuthorizationRetryAfter : null);
    }

    /// <summary>The challenges of each authorization.</summary>
    public IReadOnlyList<string> ChallengeTypes { get; set; } = ["http-01", "tls-alpn-01", "dns-01"];

    private FakeResponse Respond(FakeRequest request, FakeAccount account)
    {
        var authorization = Find(Authorizations, one => one.Id == request.Id && one.Account == account);
        var type = request.Url.Segments[^1];
        if ((request.Payload is not null || Plays.FetchValidates) && authorization.Status == "pending"
            && authorization.Failed.GetValueOrDefault(type).Status != "invalid")
        {
            authorization.Responded = type;
            authorization.Failed.Remove(type);
            authorization.LooksUntilValidated = LooksUntilValidated;
            if (LooksUntilValidated == 0) Decide(authorization);
        }

        return FakeResponse.Json(Show(authorization, type)).With("Link", $"<{Url("authorization", authorization.Id)}>;rel=\"up\"");
    }

    private void Decide(FakeAuthorization authorization)
    {
        var (error, type) = (Validate(authorization), authorization.Responded!);
        if (error is null)
        {
            authorization.Status = "valid";
            return;
        }

        var problem = Problem(Plays.ErrorOf(error, type), $"{authorization.Name} could not be validated.");
        // step-ca: a wrong response can't be put right, while a host that couldn't be reached may be tried again.
        var stays = Plays.KeepsFailedPending && error is not ("unauthorized" or "incorrectResponse");
        authorization.Failed[type] = (stays ? "pending" : "invalid", problem);
        if (!Plays.KeepsFailedPending) authorization.Status = "invalid";
    }

    private FakeResponse Finalize(FakeRequest request, FakeAccount account)
    {
        var order = Find(Orders, one => one.Id == request.Id && one.Account == account);
        if (order.Status != "ready") throw new FakeProblemException(403, "orderNotReady", $"The order is {order.Status}.");
        var csr = CertificateRequest.LoadSigningRequest(
            Base64Url.DecodeFromChars((string)request.Payload!["csr"]!),
                HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var names = csr.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        if (csr.SubjectName.Name.Length > 0 || csr.CertificateExtensions.Count != 1
            || !names.EnumerateDnsNames().Order()
                .SequenceEqual(order.Authorizations.Where(static one => one.Type == "dns").Select(static one => one.Name).Order())
            || FakeJws.Thumbprint(account.Jwk) == TryThumbprint(csr.PublicKey))
            throw new FakeProblemException(400, "badCSR", "It is not for the order's names, or for more.");
        order.FinalStatus = "processing";
        order.LooksUntilIssued = LooksUntilIssued;
        order.Certificate = Make(order, csr.PublicKey, names);
        if (LooksUntilIssued == 0) Issue(order);
        return WithRetryAfter(Show(order, 200), order.Status == "processing" ? Plays.OrderRetryAfter : null)
            .With("Location", Url("order", order.Id));
    }

    private void Issue(FakeOrder order)
    {
        var error = FailIssuance(order);
        order.FinalStatus = error is null ? "valid" : "invalid";
        order.Error = error is null ? null : Problem(error, "The certificate could not be made.");
    }

    private FakeCertificate Make(FakeOrder order, PublicKey key, X509Extension names)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var from = _time.GetUtcNow() - CertificateAge;
        var otherNames = new SubjectAlternativeNameBuilder();
        otherNames.AddDnsName("other.example");
        if (IssueForAnotherName) names = otherNames.Build();
        var (leaf, chains) = Ca.Issue(IssueForAnotherKey ? new PublicKey(other) : key, names, from, from + CertificateLife);
        var certificate = new FakeCertificate { Id = NewId(), Account = order.Account, Leaf = leaf, Chains = chains };
        Certificates.Add(certificate);
        return certificate;
    }

    private FakeResponse Show(FakeOrder order, int status)
    {
        var json = new JsonObject
        {
            ["status"] = order.Status,
            ["expires"] = Rfc3339(_time.GetUtcNow() + Plays.OrderLife),
            ["identifiers"] = order.Identifiers.DeepClone(),
            ["authorizations"] = new JsonArray([.. order.Authorizations.Select(one => (JsonNode)Url("authorization", one.Id))]),
            ["finalize"] = Url("finalize", order.Id),
        };
        if (order.Status == "valid") json["certificate"] = Url("certificate", order.Certificate!.Id);
        if (order.Error is { } error) json["error"] = error.DeepClone();
        if (order.Replaces is { } replaces) json["replaces"] = replaces;
        if (order.Profile is { } profile) json["profile"] = profile;
        return FakeResponse.Json(json, status);
    }

    private JsonObject Show(FakeAuthorization authorization, string type)
    {
        var failed = authorization.Failed.GetValueOrDefault(type);
        var tried = authorization.Responded == type;
        var json = new JsonObject
        {
            ["type"] = type,
            ["url"] = Url("challenge", $"{authorization.Id}/{type}"),
            ["token"] = authorization.Token,
            ["status"] = failed.Status ?? (!tried ? "pending" : authorization.Status != "pending" ? authorization.Status
                : Plays.ShowsProcessing ? "processing" : "pending"),
        };
        if (tried && authorization.Status == "valid") json["validated"] = Rfc3339(_time.GetUtcNow());
        if (failed.Error is { } error) json["error"] = error.DeepClone();
        return json;
    }

    private JsonObject ShowExtra(FakeAuthorization authorization, string type)
    {
        var json = Show(authorization, type);
        json.Remove("token");
        return json;
    }

    private T Find<T>(List<T> all, Predicate<T> match)
        where T : class => all.Find(match)
            ?? throw new FakeProblemException(Plays.UnknownResourceStatus, "malformed", "There is no such resource of yours.");

    private JsonObject Problem(string type, string detail)
    {
        var problem = new JsonObject { ["type"] = $"urn:ietf:params:acme:error:{type}", ["detail"] = detail };
        if (Plays.HasProblemStatus) problem["status"] = 403;
        return problem;
    }

    private static string Rfc3339(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    private static string? TryThumbprint(PublicKey key)
    {
        if (key.GetECDsaPublicKey() is not { } ec) return null;
        using (ec)
        {
            var q = ec.ExportParameters(false).Q;
            return FakeJws.Thumbprint(new JsonObject
            {
                ["crv"] = $"P-{ec.KeySize}", ["kty"] = "EC", ["x"] = Base64Url.EncodeToString(q.X), ["y"] = Base64Url.EncodeToString(q.Y),
            });
        }
    }
}
