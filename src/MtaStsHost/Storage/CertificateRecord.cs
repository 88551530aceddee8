namespace MtaStsHost.Storage;

/// <summary>All that is known of one policy host's certificate. A row of the store; never changes.</summary>
internal sealed record CertificateRecord
{
    public required string Host { get; init; }

    /// <summary>The certificate in force; <c>null</c> before the first one.</summary>
    public StoredCertificate? Certificate { get; init; }

    /// <summary>When the certificate is to be renewed; <c>null</c> without one.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>The CA's window for the renewal (RFC 9773 §4.2); <c>null</c> where it has given none.</summary>
    public StoredRenewalWindow? Window { get; init; }

    /// <summary>When the CA is to be asked for its window again; <c>null</c>: never.</summary>
    public DateTimeOffset? AskWindowAt { get; init; }

    /// <summary>An order that is under way at the CA, so that the next start can go on from there.</summary>
    public StoredOrder? Order { get; init; }

    /// <summary>The challenge type that worked last; <c>null</c>: none yet.</summary>
    public string? ChallengeType { get; init; }

    /// <summary>What went wrong since the last certificate; <c>null</c>: nothing.</summary>
    public StoredFailure? Failure { get; init; }

    /// <summary>An operator asked for a new certificate, and there was none since.</summary>
    public bool RenewalRequested { get; init; }

    /// <summary>The next time to look at this host; <c>null</c>: it is not in the queue, since it isn't configured.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The store's revision when the row was last written; set by the store.</summary>
    public long Revision { get; init; }

    public override string ToString() => Host;
}

/// <param name="ChainPem">Leaf first.</param>
/// <param name="KeyPem">A secret.</param>
/// <param name="Issuer">The issuer's common name.</param>
/// <param name="DirectoryUrl">The CA that it came from.</param>
/// <param name="AccountUrl">The account that ordered it.</param>
/// <param name="RevokedAt">When it was revoked from here; <c>null</c>: it wasn't.</param>
internal sealed record StoredCertificate(
    string ChainPem, string KeyPem, string Issuer, DateTimeOffset NotBefore, DateTimeOffset NotAfter, DateTimeOffset ObtainedAt,
    string DirectoryUrl, string AccountUrl, DateTimeOffset? RevokedAt)
{
    public override string ToString() => $"certificate of {Issuer} until {NotAfter:u}";
}

/// <param name="KeyPem">Of the certificate that is ordered. A secret.</param>
internal sealed record StoredOrder(string DirectoryUrl, string AccountUrl, string Url, string KeyPem)
{
    public override string ToString() => Url;
}

internal sealed record StoredRenewalWindow(DateTimeOffset Start, DateTimeOffset End);

/// <param name="Attempts">That failed in a row, at least 1.</param>
/// <param name="Asked">Those of them in which the CA was asked for something new: only they may cost a failed authorization.</param>
/// <param name="Kind">The error class that decides about the next attempt, as <c>/metrics</c> names it.</param>
/// <param name="Message">In one line, with the CA's own words.</param>
internal sealed record StoredFailure(int Attempts, int Asked, string Kind, string Message, DateTimeOffset At);

/// <summary>What is kept in memory of each host.</summary>
/// <param name="NotBefore">Of the certificate; <c>null</c> when there is none.</param>
/// <param name="FailureKind"><c>null</c>: the last attempt was good, or there was none.</param>
/// <param name="DueAt">As <see cref="CertificateRecord.DueAt"/>.</param>
internal sealed record CertificateSummary(
    string Host, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, string? FailureKind, DateTimeOffset? DueAt, long Revision);
