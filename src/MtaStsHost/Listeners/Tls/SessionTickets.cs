using System.Runtime.InteropServices;
using System.Security.Cryptography;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace MtaStsHost.Listeners.Tls;

/// <summary>
/// Sends no TLS 1.3 session tickets (RFC 8446 §4.6.1). A sender comes once a day, when a ticket has long gone stale, so the two that
/// OpenSSL
/// makes for every connection are work for nobody: some 6 percent of a fetch. .NET's one setting for it makes a context for each
/// connection,
/// which costs far more. So OpenSSL is told in its own words, as an operator would in openssl.cnf: <c>NumTickets = 0</c> in the section
/// that holds
/// for all programs, beside whatever stands there already.
/// </summary>
internal static partial class SessionTickets
{
    private const string Crypto = "libcrypto.so.3";

    /// <summary>Call it before the first handshake. Where .NET doesn't use OpenSSL 3, tickets are sent as ever, and all else works as
    /// well.</summary>
    public static void TurnOff()
    {
        if (!OperatingSystem.IsLinux()) return;
        // .NET sets OpenSSL up on first use, which reads the system's file; only what comes after that lasts.
        SHA256.HashData([]);
        try
        {
            var file = DefaultFile();
            var system = NewConfiguration(0);
            _ = ReadFile(system, file, 0); // there may be none
            var start = Value(system, null, "openssl_conf");
            var tls = (start is null ? null : Value(system, start, "ssl_conf")) ?? "mtastshost_tls";
            var everyone = Value(system, tls, "system_default") ?? "mtastshost_everyone";

            // The system's file and one line more, under an application's name of our own, so that nothing else in it is carried out twice.
            // In a second object, since OpenSSL reads but once into one.
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
            ClearErrors(); // a value that wasn't there is one
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another OpenSSL, or none: nothing was changed.
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
