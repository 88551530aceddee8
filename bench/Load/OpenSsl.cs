using System.Runtime.InteropServices;

namespace Load;

/// <summary>
/// TLS on the client's side, straight on OpenSSL's library: SslStream makes a context for each connection as soon as it must not
/// resume sessions, which costs more than both servers together on the machine that they share with the client.
/// </summary>
internal sealed partial class OpenSsl : Stream
{
    private const string Library = "libssl.so.3";

    private static readonly nint s_context = CreateContext();

    private nint _connection;

    /// <exception cref="IOException">The handshake failed, or a session was resumed.</exception>
    public OpenSsl(nint socket, string host)
    {
        _connection = SSL_new(s_context);
        const int SetServerName = 55;
        if (SSL_set_fd(_connection, (int)socket) != 1 || SSL_ctrl(_connection, SetServerName, 0, host) != 1
            || SSL_connect(_connection) != 1)
        {
            Dispose();
            throw new IOException("the handshake failed");
        }

        if (SSL_session_reused(_connection) != 0) throw new IOException("the session was resumed");
    }

    /// <summary>TLSv1.3 or TLSv1.2.</summary>
    public string Version => Marshal.PtrToStringUTF8(SSL_get_version(_connection))!;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Math.Max(0, SSL_read(_connection, ref buffer[offset], count));

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (SSL_write(_connection, ref buffer[offset], count) != count) throw new IOException("the connection is gone");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        SSL_free(Interlocked.Exchange(ref _connection, 0));
        base.Dispose(disposing);
    }

    private static nint CreateContext()
    {
        const int SetSessionCacheMode = 44;
        var context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_ctrl(context, SetSessionCacheMode, 0, 0);
        return context;
    }

    [LibraryImport(Library)]
    private static partial nint TLS_client_method();

    [LibraryImport(Library)]
    private static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Library)]
    private static partial long SSL_CTX_ctrl(nint context, int command, long number, nint pointer);

    [LibraryImport(Library)]
    private static partial nint SSL_new(nint context);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long SSL_ctrl(nint connection, int command, long number, string pointer);

    [LibraryImport(Library)]
    private static partial int SSL_set_fd(nint connection, int socket);

    [LibraryImport(Library)]
    private static partial int SSL_connect(nint connection);

    [LibraryImport(Library)]
    private static partial int SSL_session_reused(nint connection);

    [LibraryImport(Library)]
    private static partial nint SSL_get_version(nint connection);

    [LibraryImport(Library)]
    private static partial int SSL_read(nint connection, ref byte buffer, int count);

    [LibraryImport(Library)]
    private static partial int SSL_write(nint connection, ref byte buffer, int count);

    [LibraryImport(Library)]
    private static partial void SSL_free(nint connection);
}
