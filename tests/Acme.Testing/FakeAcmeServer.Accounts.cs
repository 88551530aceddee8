using System.Text.Json.Nodes;

namespace Acme.Testing;

public sealed partial class FakeAcmeServer
{
    private FakeResponse NewAccount(FakeRequest request)
    {
        var (jws, payload) = (request.Jws!, request.Payload!);
        var jwk = jws.Jwk ?? throw new FakeProblemException(400, "malformed", "A new account wants a jwk.");
        var thumbprint = FakeJws.Thumbprint(jwk);
        if (Accounts.FirstOrDefault(one => one.Thumbprint == thumbprint) is { } known)
        {
            return known.Status == "valid"
                ? Show(known, 200)
                : throw new FakeProblemException(Plays.EndedAccountStatus, "unauthorized", "The account has ended.");
        }

        if ((bool?)payload["onlyReturnExisting"] == true)
            throw new FakeProblemException(400, "accountDoesNotExist", "There is no account for that key.");
        if ((bool?)payload["termsOfServiceAgreed"] != true)
            throw new FakeProblemException(403, "userActionRequired", "Agree to the terms of service.");
        var account = new FakeAccount
        {
            Id = NewId(),
            Jwk = jwk,
            Contacts = ReadContacts(payload) ?? [],
            BoundTo = Bind(payload["externalAccountBinding"], jws),
        };
        Accounts.Add(account);
        return Show(account, 201);
    }

    // RFC 8555 §7.3.4
    private string? Bind(JsonNode? binding, FakeJws outer)
    {
        if (ExternalAccounts.Count == 0) return null;
        if (binding is null) throw new FakeProblemException(403, "externalAccountRequired", "There must be a binding.");
        var jws = FakeJws.Parse(binding);
        if (jws.Kid is not { } kid || !ExternalAccounts.TryGetValue(kid, out var key))
            throw new FakeProblemException(
                Plays.UnknownExternalAccount.Status, Plays.UnknownExternalAccount.Type, "There is no such external account.");
        if (!jws.IsAuthenticatedBy(key) || jws.Nonce is not null
            || jws.Url != outer.Url || FakeJws.Thumbprint(JsonNode.Parse(jws.Payload)!.AsObject()) != FakeJws.Thumbprint(outer.Jwk!))
            throw new FakeProblemException(401, "unauthorized", "The binding is wrong.");
        return kid;
    }

    private FakeResponse UpdateAccount(FakeRequest request, FakeAccount account)
    {
        if (Url("account", account.Id) != request.Url.AbsoluteUri) throw new FakeProblemException(401,
            "unauthorized", "That is not your account.");
        if (request.Payload is { } payload)
        {
            if ((string?)payload["status"] == "deactivated") account.Status = "deactivated";
            account.Contacts = ReadContacts(payload) ?? account.Contacts;
        }

        return Show(account, 200).Without("Location");
    }

    // RFC 8555 §7.3.5
    private FakeResponse ChangeKey(FakeRequest request, FakeAccount account)
    {
        var inner = FakeJws.Parse(request.Payload!);
        var change = JsonNode.Parse(inner.Payload)!.AsObject();
        if (inner.Jwk is not { } key || !inner.IsSignedBy(key) || inner.Kid is not null || inner.Nonce is not null
            || inner.Url != request.Jws!.Url || (string?)change["account"] != request.Jws.Kid
            || FakeJws.Thumbprint(change["oldKey"]!.AsObject()) != account.Thumbprint)
            throw new FakeProblemException(400, "malformed", "The inner JWS is wrong.");
        if (Accounts.FirstOrDefault(one => one.Thumbprint == FakeJws.Thumbprint(key)) is { } other)
            throw new FakeProblemException(409, "malformed", $"Account {other.Id} has that key.");
        account.Jwk = key;
        return Show(account, 200);
    }

    private FakeResponse Show(FakeAccount account, int status) => FakeResponse.Json(
        new JsonObject
        {
            ["status"] = account.Status,
            ["contact"] = new JsonArray([.. account.Contacts.Select(static one => (JsonNode)one)]),
            ["orders"] = Url("orders", account.Id),
        },
        status).With("Location", Url("account", account.Id));

    private static List<string>? ReadContacts(JsonObject payload)
    {
        var contacts = payload["contact"]?.AsArray().Select(static one => (string)one!).ToList();
        return contacts?.Find(static one => !one.StartsWith("mailto:", StringComparison.Ordinal)) is { } bad
            ? throw new FakeProblemException(400, "unsupportedContact", $"{bad} is not a mailto URL.")
            : contacts;
    }
}
