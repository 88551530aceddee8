using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace MtaStsHost.Listeners.Tls;

/// <summary>
/// Turns TLS 1.3 session tickets off (RFC 8446 §4.6.1). A sender connects once a day, after its ticket has expired, so the two that OpenSSL
/// creates per connection waste some 6 percent of a fetch. .NET's own setting creates a context per connection, which costs far more. So
/// this does what an operator would do in openssl.cnf: <c>NumTickets = 0</c> in the system default section, beside the existing settings.
/// </summary>
internal static partial class SessionTickets
{
    private const string Crypto = "libcrypto.so.3";

    /// <summary>Call it before the first handshake. Without OpenSSL 3, tickets are still sent, and everything else works.</summary>
    public static void TurnOff()
    {
        if (!OperatingSystem.IsLinux()) return;
        // .NET initialises OpenSSL on first use, which reads the system's file; only later changes last.
        SHA256.HashData([]);
        try
        {
            var file = DefaultFile();
            var system = NewConfiguration(0);
            _ = ReadFile(system, file, 0); // the file may not exist
            var start = Value(system, null, "openssl_conf");
            var tls = (start is null ? null : Value(system, start, "ssl_conf")) ?? "mtastshost_tls";
            var everyone = Value(system, tls, "system_default") ?? "mtastshost_everyone";

            // The system's file plus one setting, under our own application name, so that nothing else in it is applied twice. In a second
            // object, since OpenSSL reads only once into one.
            var lines = Marshal.StringToCoTaskMemUTF8($"""
                .include {Marshal.PtrToStringUTF8(file)}
                [default]
                mtastshost = mtastshost_start
                [mtastshost_start]
                ssl_conf = {tls}
                [{tls}]
                system_default = {everyone}
                [{everyone}]
                NumTickets = 0

                """);
            var reader = NewReader(lines, -1);
            var extended = NewConfiguration(0);
            if (Read(extended, reader, 0) > 0) _ = Apply(extended, "mtastshost", 0);

            FreeConfiguration(extended);
            _ = FreeReader(reader);
            Marshal.FreeCoTaskMem(lines);
            FreeConfiguration(system);
            FreeMemory(file, null, 0);
            ClearErrors(); // a missing value is one
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another version of OpenSSL, or none: nothing was changed.
        }
    }

    private static string? Value(nint configuration, string? section, string name) =>
        Marshal.PtrToStringUTF8(GetString(configuration, section, name));

    [LibraryImport(Crypto, EntryPoint = "CONF_get1_default_config_file")]
    private static partial nint DefaultFile();

    [LibraryImport(Crypto, EntryPoint = "NCONF_new")]
    private static partial nint NewConfiguration(nint method);

    [LibraryImport(Crypto, EntryPoint = "NCONF_load")]
    private static partial int ReadFile(nint configuration, nint file, nint errorLine);

    [LibraryImport(Crypto, EntryPoint = "NCONF_load_bio")]
    private static partial int Read(nint configuration, nint reader, nint errorLine);

    [LibraryImport(Crypto, EntryPoint = "NCONF_get_string", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetString(nint configuration, string? section, string name);

    [LibraryImport(Crypto, EntryPoint = "CONF_modules_load", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Apply(nint configuration, string application, uint flags);

    [LibraryImport(Crypto, EntryPoint = "NCONF_free")]
    private static partial void FreeConfiguration(nint configuration);

    [LibraryImport(Crypto, EntryPoint = "BIO_new_mem_buf")]
    private static partial nint NewReader(nint text, int length);

    [LibraryImport(Crypto, EntryPoint = "BIO_free")]
    private static partial int FreeReader(nint reader);

    [LibraryImport(Crypto, EntryPoint = "CRYPTO_free", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void FreeMemory(nint memory, string? file, int line);

    [LibraryImport(Crypto, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();
}
