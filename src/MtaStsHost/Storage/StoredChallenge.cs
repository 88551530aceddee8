namespace MtaStsHost.Storage;

/// <summary>A challenge that the CA may ask for. RFC 8555 §8.</summary>
/// <param name="Type"><c>http-01</c> or <c>tls-alpn-01</c>.</param>
/// <param name="Expires">It is forgotten then, whatever becomes of the order.</param>
internal sealed record StoredChallenge(string Host, string Type, string Token, string KeyAuthorization, DateTimeOffset Expires)
{
    public override string ToString() => $"{Type} for {Host}";
}

/// <param name="Renewals">Hosts that are due and have a certificate.</param>
/// <param name="FirstOrders">Hosts that are due and never had one.</param>
/// <param name="Missing">Hosts in the queue that have no certificate, due or not.</param>
/// <param name="OpenChallenges">Of all hosts.</param>
internal sealed record QueueLength(int Renewals, int FirstOrders, int Missing, int OpenChallenges);
