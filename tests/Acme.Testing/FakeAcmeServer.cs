using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Acme.Testing;

/// <summary>
/// An ACME server in memory that checks what RFC 8555 says a server must check, and misbehaves on request. It validates no challenge for
/// real: Pebble does. Reach it by <see cref="FakeAcmeHandler"/>, or over TLS by <see cref="FakeAcmeListener"/>.
/// </summary>
public sealed partial class FakeAcmeServer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly HashSet<string> _nonces = [];
    private readonly Dictionary<string, Queue<FakeResponse>> _answers = [];
    private int _count;
    private int _retryAfters;

    public FakeAcmeServer(TimeProvider? time = null, PlayedCa? plays = null)
    {
        _time = time ?? TimeProvider.System;
        Plays = plays ?? PlayedCa.Rfc8555;
        foreach (var profile in Plays.Profiles) Profiles[profile] = $"The profile {profile}";
        Ca = new FakeCa("Fake", _time.GetUtcNow());
    }

    /// <summary>The CA that it behaves like.</summary>
    public PlayedCa Plays { get; }

    public Uri BaseUrl { get; set; } = new("https://acme.test/");

    public Uri DirectoryUrl => new(BaseUrl, "directory");

    public FakeCa Ca { get; }

    /// <summary>All requests so far, in order.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    /// <summary>Answers in the server's place when it returns something; called before any check.</summary>
    public Func<FakeRequest, FakeResponse?>? Intercept { get; set; }

    /// <summary>Changes the server's answers.</summary>
    public Action<FakeRequest, FakeResponse>? Alter { get; set; }

    /// <summary>A good nonce is refused when this says so.</summary>
    public Func<bool> RefuseNonce { get; set; } = static () => false;

    /// <summary>The external accounts by key id; when there are any, an account needs one.</summary>
    public Dictionary<string, byte[]> ExternalAccounts { get; } = [];

    public Dictionary<string, string> Profiles { get; } = [];

    /// <summary>Says whether an order for a name is refused.</summary>
    public Func<string, bool> IsRejected { get; set; } = static _ => false;

    /// <summary>Validates a challenge: null when it is well, else the type of the error.</summary>
    public Func<FakeAuthorization, string?> Validate { get; set; } = static _ => null;

    public int LooksUntilValidated { get; set; }

    public int LooksUntilIssued { get; set; }

    /// <summary>What becomes of an order that is finalized: null for a certificate, else the type of the error.</summary>
    public Func<FakeOrder, string?> FailIssuance { get; set; } = static _ => null;

    /// <summary>The certificate is for a key that the server made up.</summary>
    public bool IssueForAnotherKey { get; set; }

    /// <summary>The certificate is for a name that was not ordered.</summary>
    public bool IssueForAnotherName { get; set; }

    public TimeSpan CertificateLife { get; set; } = TimeSpan.FromDays(90);

    /// <summary>From now back to the start of a certificate's life.</summary>
    public TimeSpan CertificateAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Renewal windows by certificate id; the server doesn't know others. Null: it has no renewal information at all.</summary>
    public Dictionary<string, (DateTimeOffset Start, DateTimeOffset End)>? RenewalWindows { get; set; } = [];

    public List<FakeAccount> Accounts { get; } = [];

    public List<FakeOrder> Orders { get; } = [];

    public List<FakeAuthorization> Authorizations { get; } = [];

    public List<FakeCertificate> Certificates { get; } = [];

    /// <summary>The next requests of an operation are answered so, one each.</summary>
    public void Answer(string operation, params FakeResponse[] responses)
    {
        lock (_gate)
        {
            if (!_answers.TryGetValue(operation, out var queue)) _answers[operation] = queue = new();
            foreach (var response in responses) queue.Enqueue(response);
        }
    }

    /// <summary>How many requests of an operation have come.</summary>
    public int Count(string operation) => Requests.Count(request => request.Operation == operation);

    public FakeResponse Handle(FakeRequest request)
    {
        lock (_gate)
        {
            Requests.Enqueue(request);
            var response = Intercept?.Invoke(request);
            if (response is null && _answers.TryGetValue(request.Operation, out var queue)) queue.TryDequeue(out response);
            if (response is null)
            {
                try
                {
                    response = Route(request);
                }
                catch (FakeProblemException e)
                {
                    response = FakeResponse.Problem(e.Status, e.Type, e.Message);
                    if (!Plays.HasProblemStatus) response.Set("status", null);
                }

                Alter?.Invoke(request, response);
            }

            if (response.WithNonce && request.Operation != "renewalInfo") response.Headers.Add(new("Replay-Nonce", NewNonce()));
            return response;
        }
    }

    public void Dispose() => Ca.Dispose();

    private FakeResponse Route(FakeRequest request)
    {
        switch (request.Operation)
        {
            case "directory" when request.Method == "GET":
                return FakeResponse.Json(MakeDirectory());
            case "newNonce" when request.Method is "HEAD" or "GET":
                return new FakeResponse().With("Cache-Control", "no-store");
            case "renewalInfo" when request.Method == "GET":
                return GetRenewalInfo(request);
            case { Length: > 0 } when request.Method == "POST":
                var account = Verify(request);
                return request.Operation switch
                {
                    "newAccount" => NewAccount(request),
                    "account" => UpdateAccount(request, account!),
                    "keyChange" => ChangeKey(request, account!),
                    "newOrder" => NewOrder(request, account!),
                    "order" => GetOrder(request, account!),
                    "authorization" => GetAuthorization(request, account!),
                    "challenge" => Respond(request, account!),
                    "finalize" => Finalize(request, account!),
                    "certificate" => GetCertificate(request, account!),
                    "revokeCert" => Revoke(request, account),
                    _ => throw new FakeProblemException(404, "malformed", "There is no such resource."),
                };
            default:
                throw new FakeProblemException(405, "malformed", $"{request.Method} is not for {request.Operation}.");
        }
    }

    // RFC 8555 §6.2 to §6.5: what a server must refuse.
    private FakeAccount? Verify(FakeRequest request)
    {
        if (request.Headers.GetValueOrDefault("Content-Type") != "application/jose+json")
            throw new FakeProblemException(415, "malformed", "The media type is not exactly application/jose+json.");
        if (string.IsNullOrEmpty(request.Headers.GetValueOrDefault("User-Agent")))
            throw new FakeProblemException(400, "malformed", "There is no User-Agent.");
        var jws = FakeJws.Parse(JsonNode.Parse(request.Body)!);
        if (jws.Nonce is not { } nonce || !_nonces.Remove(nonce) || RefuseNonce())
            throw new FakeProblemException(400, "badNonce", "The nonce is not one of ours.");
        if (jws.Url != request.Url.AbsoluteUri)
            throw new FakeProblemException(401, "unauthorized", "The JWS is for another URL.");
        if (jws.Kid is null == jws.Jwk is null)
            throw new FakeProblemException(400, "malformed", "There must be either kid or jwk.");
        var account = Accounts.FirstOrDefault(one => Url("account", one.Id) == jws.Kid);
        if (jws.Kid is not null && account is null)
            throw new FakeProblemException(400, "accountDoesNotExist", "There is no such account.");
        if (jws.Jwk is not null && request.Operation is not ("newAccount" or "revokeCert"))
            throw new FakeProblemException(400, "malformed", "This operation wants a kid.");
        if (!jws.IsSignedBy(account?.Jwk ?? jws.Jwk!))
            throw new FakeProblemException(400, "malformed", "The signature is wrong.");
        if (account is { Status: not "valid" })
            throw new FakeProblemException(Plays.EndedAccountStatus, "unauthorized", "The account has ended.");
        request.Jws = jws;
        return account;
    }

    private JsonObject MakeDirectory()
    {
        var profiles = new JsonObject();
        foreach (var (name, description) in Profiles) profiles[name] = description;
        var directory = new JsonObject
        {
            ["newNonce"] = Url("newNonce"), ["newAccount"] = Url("newAccount"), ["newOrder"] = Url("newOrder"),
            ["revokeCert"] = Url("revokeCert"), ["keyChange"] = Url("keyChange"),
            ["meta"] = new JsonObject
            {
                ["termsOfService"] = Url("terms"), ["website"] = "https://example.org/", ["caaIdentities"] = new JsonArray("ca.example"),
                ["externalAccountRequired"] = ExternalAccounts.Count > 0,
            },
        };
        if (Plays.HasExtensions) directory["meta"]!["profiles"] = profiles;
        if (Plays.HasExtensions && RenewalWindows is not null) directory["renewalInfo"] = Url("renewalInfo");
        return directory;
    }

    private string Url(string operation, string? id = null) =>
        new Uri(BaseUrl, id is null ? operation : $"{operation}/{id}").AbsoluteUri;

    private FakeResponse WithRetryAfter(FakeResponse response, string? seconds) => seconds is null ? response
        : response.With("Retry-After", Plays.AlternatesDates && _retryAfters++ % 2 == 1
            ? _time.GetUtcNow().AddSeconds(int.Parse(seconds)).ToString("r") : seconds);

    private string NewId() => (++_count).ToString("D4");

    private string NewNonce()
    {
        var nonce = $"nonce-{NewId()}";
        _nonces.Add(nonce);
        return nonce;
    }

    private sealed class FakeProblemException(int status, string type, string detail) : Exception(detail)
    {
        public int Status => status;

        public string Type => type;
    }
}
