namespace MtaStsHost.Storage;

/// <summary>A challenge that the CA may validate. RFC 8555 §8.</summary>
/// <param name="Type"><c>http-01</c> or <c>tls-alpn-01</c>.</param>
/// <param name="Expires">Forgotten then, whatever happens to the order.</param>
internal sealed record StoredChallenge(string Host, string Type, string Token, string KeyAuthorization, DateTimeOffset Expires)
{
    public override string ToString() => $"{Type} for {Host}";
}

/// <param name="Renewals">Due hosts with a certificate.</param>
/// <param name="FirstOrders">Due hosts that never had one.</param>
/// <param name="Missing">Hosts in the queue without a certificate, due or not.</param>
/// <param name="OpenChallenges">Of all hosts.</param>
internal sealed record QueueLength(int Renewals, int FirstOrders, int Missing, int OpenChallenges);
