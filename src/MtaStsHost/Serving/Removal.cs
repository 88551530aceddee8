namespace MtaStsHost.Serving;

/// <summary>How far the removal of a domain has come that is no longer configured.</summary>
internal enum RemovalStage
{
    /// <summary>Its policy is still served, and stays so until the operator confirms that it is to go.</summary>
    Unconfirmed,

    /// <summary>Its policy is still served, for as long as senders may have its TXT record in a cache: RFC 8461 §8.1.</summary>
    Grace,

    /// <summary>It is served in mode none, since senders may hold an earlier policy: RFC 8461 §8.3.</summary>
    None,
}

/// <param name="Until">When the next stage begins; <c>null</c>: once it is confirmed.</param>
/// <param name="IsInDns">In mode none: DNS may still have the id of a policy that binds senders, so that the end is not known.</param>
internal sealed record Removal(RemovalStage Stage, DateTimeOffset? Until, bool IsInDns = false);
