namespace MtaSts;

/// <summary>What a sender does when a policy can't be satisfied. RFC 8461 §5.</summary>
public enum PolicyMode
{
    /// <summary>No policy: senders treat the domain as if it had none. Used to retire a policy. RFC 8461 §8.3.</summary>
    None,

    /// <summary>Senders deliver despite failures, and report them if TLSRPT requests it. RFC 8461 §5.</summary>
    Testing,

    /// <summary>Senders don't deliver to hosts that fail MX matching or certificate validation. RFC 8461 §5.</summary>
    Enforce,
}
