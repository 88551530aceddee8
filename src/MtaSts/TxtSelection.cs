namespace MtaSts;

/// <summary>What the TXT records at one name come to. RFC 8461 §3.1, RFC 8460 §3.</summary>
public enum TxtSelection
{
    /// <summary>No record begins with the version; others may be there and don't count.</summary>
    Missing,

    /// <summary>More than one record begins with the version: senders must act as if there were none.</summary>
    Multiple,

    /// <summary>One record begins with the version, and its syntax is wrong: senders must act as if there were none.</summary>
    Invalid,

    /// <summary>One record begins with the version, and it is good.</summary>
    Valid,
}
