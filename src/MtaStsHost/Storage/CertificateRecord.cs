namespace MtaStsHost.Storage;

/// <summary>One policy host's certificate and schedule. A row of the store; immutable.</summary>
internal sealed record CertificateRecord
{
    public required string Host { get; init; }

    /// <summary>The active certificate; <c>null</c> before the first one.</summary>
    public StoredCertificate? Certificate { get; init; }

    /// <summary><c>null</c> without a certificate.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>The CA's renewal window (RFC 9773 §4.2); <c>null</c>: none.</summary>
    public StoredRenewalWindow? Window { get; init; }

    /// <summary>When the window is requested again; <c>null</c>: never.</summary>
    public DateTimeOffset? AskWindowAt { get; init; }

    /// <summary>An order in progress, so that the next start can continue it.</summary>
    public StoredOrder? Order { get; init; }

    /// <summary>The challenge type that worked last; <c>null</c>: none yet.</summary>
    public string? ChallengeType { get; init; }

    /// <summary>What went wrong since the last certificate; <c>null</c>: nothing.</summary>
    public StoredFailure? Failure { get; init; }

    /// <summary>An operator requested a new certificate, and none was issued since.</summary>
    public bool RenewalRequested { get; init; }

    /// <summary>When this host is due next; <c>null</c>: not in the queue, since it isn't configured.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>The store's revision at the last write; set by the store.</summary>
    public long Revision { get; init; }

    /// <summary>Why the row can't be read; all but the host is unknown then, and a certificate is to be ordered. <c>null</c>: it was
    /// read.</summary>
    public string? Damage { get; init; }

    public static CertificateRecord Damaged(string host, string reason) => new() { Host = host, Damage = reason, RenewalRequested = true };

    public override string ToString() => Host;
}

/// <param name="ChainPem">Leaf first.</param>
/// <param name="KeyPem">A secret.</param>
/// <param name="Issuer">Its common name.</param>
/// <param name="DirectoryUrl">The CA that issued it.</param>
/// <param name="RevokedAt">When we revoked it; <c>null</c>: never.</param>
internal sealed record StoredCertificate(
    string ChainPem, string KeyPem, string Issuer, DateTimeOffset NotBefore, DateTimeOffset NotAfter, DateTimeOffset ObtainedAt,
    string DirectoryUrl, string AccountUrl, DateTimeOffset? RevokedAt)
{
    public override string ToString() => $"certificate of {Issuer} until {NotAfter:u}";
}

/// <param name="KeyPem">Of the ordered certificate. A secret.</param>
internal sealed record StoredOrder(string DirectoryUrl, string AccountUrl, string Url, string KeyPem)
{
    public override string ToString() => Url;
}

internal sealed record StoredRenewalWindow(DateTimeOffset Start, DateTimeOffset End);

/// <param name="Attempts">Failed in a row, at least 1.</param>
/// <param name="Asked">Those that requested something new from the CA: only they may cost a failed authorization.</param>
/// <param name="Kind">The error class, as in <c>/metrics</c>; decides the next attempt.</param>
/// <param name="Message">One line, with the CA's own words.</param>
internal sealed record StoredFailure(int Attempts, int Asked, string Kind, string Message, DateTimeOffset At)
{
    /// <summary>When something new was last requested from the CA; <c>null</c>: not since the last certificate.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>Stands for the settings under which it failed: with others, it says nothing about the next attempt. <c>null</c>: unknown.
    /// </summary>
    public string? Basis { get; init; }
}

/// <summary>The part of a row that is kept in memory.</summary>
/// <param name="NotBefore">Of the certificate; <c>null</c> when there is none.</param>
/// <param name="FailureKind"><c>null</c>: the last attempt succeeded, or there was none.</param>
/// <param name="DueAt">As <see cref="CertificateRecord.DueAt"/>.</param>
internal sealed record CertificateSummary(
    string Host, DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, string? FailureKind, DateTimeOffset? DueAt, long Revision)
{
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>The CA that issued the certificate; <c>null</c> when there is none.</summary>
    public string? DirectoryUrl { get; init; }

    /// <summary>The row holds a value that can't be read; the times are unknown then.</summary>
    public bool IsDamaged { get; init; }
}
