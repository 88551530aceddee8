#pragma warning disable CA1822, CA1065, IDE0060 // stub
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Challenges;

/// <summary>The challenges that a CA may ask for at this moment, at whichever host it likes. Written by who orders, read by the listeners.</summary>
internal sealed class OpenChallenges
{
    /// <summary>Whether there is any at all: nobody looks further while there is none.</summary>
    public bool Any => throw new NotImplementedException();

    /// <summary>Opens challenges of one host in place of those that it had, before the CA is told.</summary>
    public void Set(string host, IReadOnlyList<StoredChallenge> challenges) => throw new NotImplementedException();

    /// <summary>Those that other hosts have opened in the store.</summary>
    public void ReplaceStored(IReadOnlyList<StoredChallenge> challenges) => throw new NotImplementedException();
}
