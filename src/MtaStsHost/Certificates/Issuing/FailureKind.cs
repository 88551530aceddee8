namespace MtaStsHost.Certificates.Issuing;

/// <summary>Error classes: they decide about the next attempt, and are the labels of metrics.</summary>
internal static class FailureKind
{
    /// <summary>The CA couldn't be reached.</summary>
    public const string Network = "network";

    /// <summary>The CA failed: status 5xx, serverInternal.</summary>
    public const string Server = "server";

    /// <summary>The CA's limits: rateLimited.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The CA asked for a challenge and didn't find the answer.</summary>
    public const string Validation = "validation";

    /// <summary>The CA won't, and asking again changes nothing: rejectedIdentifier, unsupportedIdentifier, userActionRequired, an unknown
    /// profile.</summary>
    public const string Refused = "refused";

    /// <summary>The CA makes no account, or doesn't take the one that is there.</summary>
    public const string Account = "account";

    /// <summary>It was certain to fail, so the CA wasn't asked.</summary>
    public const string Preflight = "preflight";

    /// <summary>The CA answered what no CA should.</summary>
    public const string InvalidAnswer = "invalid_answer";

    /// <summary>The CA took longer than anybody waits; the order goes on.</summary>
    public const string Slow = "slow";

    /// <summary>The certificate's dates don't fit this machine's clock.</summary>
    public const string Clock = "clock";

    /// <summary>A fault of this program.</summary>
    public const string Internal = "internal";

    public static readonly IReadOnlyList<string> All =
        [Network, Server, RateLimited, Validation, Refused, Account, Preflight, InvalidAnswer, Slow, Clock, Internal];

    /// <summary>What an operator can do about it; it is tried again in any case.</summary>
    public static string Remedy(string kind, string host) => kind switch
    {
        Network => "see whether this machine reaches the CA (DNS, firewall, clock)",
        Server => "wait for the CA, or set another one in Acme:Fallbacks",
        RateLimited => "wait, as the CA asks, or set another CA in Acme:Fallbacks",
        Validation => $"see that {host} leads to this host, and that port 443 (TLS-ALPN-01) or 80 (HTTP-01) is open from everywhere",
        Refused => "mend what the CA says, or set another one in Acme:DirectoryUrl",
        Account => "mend what the CA says: EmailAddress and EabCredentials stand in the Acme section",
        Preflight => "mend what is said; it is looked at again by itself",
        Clock => "set this machine's clock",
        Slow => "wait: the CA works on it",
        _ => "look at the log; if it stays so, report it",
    };
}
