using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace MtaStsHost.Listeners.Tls;

/// <summary>Reads the ClientHello of a connection, and consumes nothing.</summary>
internal static class HelloPeek
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public delegate OperationStatus Parser(ReadOnlySequence<byte> received, out ClientHello hello);

    /// <returns><c>null</c>: not what the parser is for.</returns>
    /// <exception cref="OperationCanceledException">It took too long, or the connection has ended.</exception>
    public static async Task<ClientHello?> ReadAsync(ConnectionContext connection, Parser parse, TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(s_timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        var input = connection.Transport.Input;
        for (var examined = 0L; ;)
        {
            var result = await input.ReadAsync(ended.Token);
            var (buffer, status) = (result.Buffer, parse(result.Buffer, out var hello));
            if (status == OperationStatus.NeedMoreData && !result.IsCompleted && buffer.Length < ClientHello.MaxBytes)
            {
                examined = buffer.Length;
                input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            // Not past what was examined before, so that the next read returns at once.
            input.AdvanceTo(buffer.Start, buffer.GetPosition(Math.Min(examined, buffer.Length)));
            return status == OperationStatus.Done ? hello : null;
        }
    }
}
