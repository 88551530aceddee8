using System.Net.Security;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>Catches the first message of a TLS client.</summary>
internal sealed class ClientHelloStream : MemoryStream
{
    public byte[] Bytes => ToArray();

    public async Task MakeAsync(string sni)
    {
        await using var client = new SslStream(this, leaveInnerStreamOpen: true);
        // There is no answer, and the stream ends.
        await Assert.ThrowsAsync<IOException>(() => client.AuthenticateAsClientAsync(sni));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(0);
}
