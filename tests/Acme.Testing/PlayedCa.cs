namespace Acme.Testing;

/// <summary>
/// A CA that a <see cref="FakeAcmeServer"/> plays: what it does where RFC 8555 leaves a choice, or where the CA departs from it, as
/// observed in November 2026 with Pebble 2.10.3, step-ca 0.30.2, Caddy 2.11.9 (whose server is step-ca's) and Let's Encrypt.
/// </summary>
public sealed record PlayedCa(string Name)
{
    /// <summary>No CA: what RFC 8555 says, and nothing of its own.</summary>
    public static PlayedCa Rfc8555 { get; } = new("RFC 8555");

    public static PlayedCa Pebble { get; } = new("Pebble")
    {
        EndedAccountStatus = 403,
        HasWindows = true,
        ChecksReplaces = true,
        Profiles = ["default", "shortlived"],
        ExtraChallenge = "dns-persist-01",
        AuthorizationRetryAfter = "3",
        OrderRetryAfter = "5",
        AlternatesDates = true,
        // A closed port, too.
        ErrorOf = static (error, challenge) => error == "connection" && challenge == "tls-alpn-01" ? "unauthorized" : error,
    };

    /// <summary>And Caddy's acme_server.</summary>
    public static PlayedCa StepCa { get; } = new("step-ca")
    {
        KeepsFailedPending = true,
        FetchValidates = true,
        HasExtensions = false,
        HasProblemStatus = false,
        UnknownResourceStatus = 400,
        UnknownExternalAccount = (500, "serverInternal"),
        OrderLife = TimeSpan.FromHours(24),
        ErrorOf = static (error, _) => error is "unauthorized" or "incorrectResponse" ? "rejectedIdentifier" : error,
    };

    public static PlayedCa LetsEncrypt { get; } = new("Let's Encrypt")
    {
        EndedAccountStatus = 403,
        HasWindows = true,
        ChecksReplaces = true,
        ReusesOrders = true,
        ShowsProcessing = false,
        Profiles = ["classic", "shortlived", "tlsserver"],
        OrderRetryAfter = "3",
    };

    public static IReadOnlyList<PlayedCa> All { get; } = [Rfc8555, Pebble, StepCa, LetsEncrypt];

    /// <summary>
    /// A failed challenge is pending with an error, or invalid when the response was wrong; its authorization and order stay pending,
    /// contrary to RFC 8555 §7.1.6.
    /// </summary>
    public bool KeepsFailedPending { get; init; }

    /// <summary>Fetching a challenge starts its validation, as a response does.</summary>
    public bool FetchValidates { get; init; }

    /// <summary>Whether a challenge is shown as processing while it is validated: RFC 8555 §7.1.6.</summary>
    public bool ShowsProcessing { get; init; } = true;

    /// <summary>Knows renewal information (RFC 9773) and profiles; otherwise <c>replaces</c> and <c>profile</c> are ignored.</summary>
    public bool HasExtensions { get; init; } = true;

    /// <summary>Certificates have a renewal window without a test's doing: one of two days, where a third of their life is left.</summary>
    public bool HasWindows { get; init; }

    /// <summary><c>replaces</c> must be a certificate of the same account for one of the same names: RFC 9773 §5.</summary>
    public bool ChecksReplaces { get; init; }

    /// <summary>The same account gets the same order for the same names until it is finalized.</summary>
    public bool ReusesOrders { get; init; }

    /// <summary>An order without a profile gets the first one.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>A challenge that has no token.</summary>
    public string? ExtraChallenge { get; init; }

    /// <summary>Of an authorization that is being validated.</summary>
    public string? AuthorizationRetryAfter { get; init; }

    /// <summary>Of an order that is being issued.</summary>
    public string? OrderRetryAfter { get; init; }

    /// <summary>Every other <c>Retry-After</c> is a date.</summary>
    public bool AlternatesDates { get; init; }

    public bool HasProblemStatus { get; init; } = true;

    public int EndedAccountStatus { get; init; } = 401;

    public int UnknownResourceStatus { get; init; } = 404;

    public (int Status, string Type) UnknownExternalAccount { get; init; } = (401, "unauthorized");

    public TimeSpan OrderLife { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The problem's type for an error of a challenge.</summary>
    public Func<string, string, string> ErrorOf { get; init; } = static (error, _) => error;

    public override string ToString() => Name;
}
