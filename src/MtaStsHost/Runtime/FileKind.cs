using System.Runtime.InteropServices;

namespace MtaStsHost.Runtime;

/// <summary>What is behind a path: opening a named pipe, or reading a device, may never end.</summary>
internal static partial class FileKind
{
    private const int CurrentFolder = -100;
    private const uint TypeField = 1;
    private const uint ChangeField = 0x80;
    private const uint InodeField = 0x100;
    private const uint BirthField = 0x800;
    private const int TypeMask = 0xf000;
    private const int RegularFile = 0x8000;
    private const int SocketFile = 0xc000;

    /// <summary>Follows links. False as well for what does not exist; true where the kernel can't be asked.</summary>
    public static bool IsRegular(string path) => TypeOf(path) is null or RegularFile;

    /// <inheritdoc cref="IsRegular"/>
    public static bool IsSocket(string path) => TypeOf(path) is SocketFile;

    /// <summary>Which file is behind a path; <c>null</c>: none.</summary>
    public static FileIdentity? IdentityOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return File.Exists(path) ? new FileIdentity(0, 0, 0, 0) : null;
        return ReadStatus(CurrentFolder, path, 0, InodeField | BirthField, out var status) == 0 ? new FileIdentity(
            ((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode, status.BirthSeconds, status.BirthNanoseconds) : null;
    }

    /// <summary>Changes with each write, replacement and change of permissions, also if the file's time is set back; 0 where the kernel
    /// can't be asked. Follows links.</summary>
    public static long StampOf(string path) =>
        OperatingSystem.IsLinux() && ReadStatus(CurrentFolder, path, 0, ChangeField | InodeField, out var status) == 0
            ? HashCode.Combine(status.Inode, status.ChangeSeconds, status.ChangeNanoseconds) : 0;

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

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(80)]
        public long BirthSeconds;

        [FieldOffset(88)]
        public uint BirthNanoseconds;

        [FieldOffset(96)]
        public long ChangeSeconds;

        [FieldOffset(104)]
        public uint ChangeNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}

/// <summary>Differs from that of another file at the same path. Where no kernel can be asked, all are equal.</summary>
/// <param name="BirthSeconds">A deleted file's inode is soon used again. Zero where the file system doesn't know it.</param>
internal sealed record FileIdentity(ulong Device, ulong Inode, long BirthSeconds, uint BirthNanoseconds);
