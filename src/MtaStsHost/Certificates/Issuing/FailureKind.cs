namespace MtaStsHost.Certificates.Issuing;

/// <summary>Error classes: they decide when the next attempt is made, and are labels of metrics.</summary>
internal static class FailureKind
{
    /// <summary>The CA is unreachable.</summary>
    public const string Network = "network";

    /// <summary>The CA's own TLS certificate isn't trusted, or the handshake fails.</summary>
    public const string Tls = "tls";

    /// <summary>There is no ACME directory at the configured URL.</summary>
    public const string Directory = "directory";

    /// <summary>The CA failed: status 5xx, serverInternal.</summary>
    public const string Server = "server";

    /// <summary>The CA's limits: rateLimited.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>The CA's validation request didn't find the challenge's response.</summary>
    public const string Validation = "validation";

    /// <summary>A retry changes nothing: rejectedIdentifier, unsupportedIdentifier, userActionRequired.</summary>
    public const string Refused = "refused";

    /// <summary>The CA doesn't offer the configured profile.</summary>
    public const string Profile = "profile";

    /// <summary>The CA refuses to create an account, or rejects the existing one.</summary>
    public const string Account = "account";

    /// <summary>Nothing was ordered, since it was certain to fail.</summary>
    public const string Preflight = "preflight";

    /// <summary>The CA's response is invalid.</summary>
    public const string InvalidAnswer = "invalid_answer";

    /// <summary>The CA takes long; the order continues.</summary>
    public const string Slow = "slow";

    /// <summary>The certificate's dates contradict the system clock.</summary>
    public const string Clock = "clock";

    /// <summary>A bug in this program.</summary>
    public const string Internal = "internal";

    public static readonly IReadOnlyList<string> All =
    [
        Network, Tls, Directory, Server, RateLimited, Validation, Refused, Profile, Account,
        Preflight, InvalidAnswer, Slow, Clock, Internal,
    ];

    /// <summary>What an operator can do; the service tries again in any case.</summary>
    public static string Remedy(string kind, string host) => kind switch
    {
        Network => "check that this machine reaches the CA (DNS, firewall)",
        Tls => "for a private CA, name its roots in Acme:TrustedRootsFile, or in that of its entry of Acme:Fallbacks; for a public one, "
            + "check the system clock, and whether a proxy intercepts TLS",
        Directory => "set Acme:DirectoryUrl to the URL of the CA's ACME directory",
        Server => "wait for the CA to recover, or add another one to Acme:Fallbacks",
        RateLimited => "wait for the rate limit to reset, or add another CA to Acme:Fallbacks",
        Validation => $"check that {host} points to this service, and that port 443 (TLS-ALPN-01) or 80 (HTTP-01) is open to the internet",
        Refused => "fix what the CA reports, or set another CA in Acme:DirectoryUrl",
        Profile => "set Acme:Profile to a profile that the CA offers, or remove it",
        Account => "fix what the CA reports: check Acme:EmailAddress and Acme:EabCredentials",
        Preflight => "fix what the message names; it is checked again automatically",
        Clock => "correct the system clock",
        Slow => "wait: the CA is still working on it",
        _ => "check the log; if it persists, report a bug",
    };
}
