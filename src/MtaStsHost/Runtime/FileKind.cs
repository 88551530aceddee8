using System.Runtime.InteropServices;

namespace MtaStsHost.Runtime;

/// <summary>What is behind a path: opening a named pipe, or reading a device, may never end.</summary>
internal static partial class FileKind
{
    private const int CurrentFolder = -100;
    private const uint TypeField = 1;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;
    private const int SocketFile = 0xc000;

    /// <summary>Follows links. False as well for what does not exist; true where the kernel can't be asked.</summary>
    public static bool IsRegular(string path) => TypeOf(path) is null or RegularFile;

    /// <inheritdoc cref="IsRegular"/>
    public static bool IsSocket(string path) => TypeOf(path) is SocketFile;

    private static int? TypeOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        return ReadStatus(CurrentFolder, path, 0, TypeField, out var status) == 0 ? status.Mode & TypeMask : 0;
    }

    /// <summary>statx(2), whose structure is the same on every architecture.</summary>
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReadStatus(int folder, string path, int flags, uint fields, out Status status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
