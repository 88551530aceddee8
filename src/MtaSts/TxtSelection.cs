namespace MtaSts;

/// <summary>The result of selecting a record among the TXT records at one name. RFC 8461 §3.1, RFC 8460 §3.</summary>
public enum TxtSelection
{
    /// <summary>No record begins with the version; others are ignored.</summary>
    Missing,

    /// <summary>More than one record begins with the version: senders must act as if there was none.</summary>
    Multiple,

    /// <summary>One record begins with the version, and its syntax is wrong: senders must act as if there was none.</summary>
    Invalid,

    /// <summary>One record begins with the version, and is valid.</summary>
    Valid,
}
