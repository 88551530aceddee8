using System.Diagnostics;
using System.Text;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class BoundedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fifo")]
    [InlineData("link")]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    public async Task Read_NotARegularFile_ThrowsAtOnce(string name)
    {
        MakeFifo(_folder["fifo"]);
        _folder.Link("link", "fifo");

        var read = Task.Run(() => BoundedFile.Read(Path.Combine(_folder.Path, name), 100), TestContext.Current.CancellationToken);

        var e = await Assert.ThrowsAsync<IOException>(() => read.WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System));
        Assert.Equal("it is not a regular file; name one", e.Message);
    }

    [Fact]
    public void Read_LinkToAFileUpToTheLimit_IsItsContent()
    {
        _folder.Write("file", new string('x', 100));
        _folder.Link("link", "file");

        Assert.Equal(new string('x', 100), Encoding.UTF8.GetString(BoundedFile.Read(_folder["link"], 100)));
        Assert.Throws<IOException>(() => BoundedFile.Read(_folder["link"], 99));
        Assert.Throws<FileNotFoundException>(() => BoundedFile.Read(_folder["none"], 100));
        Assert.Throws<UnauthorizedAccessException>(() => BoundedFile.Read(_folder.Path, 100));
    }

    internal static void MakeFifo(string path)
    {
        using var made = Process.Start("mkfifo", path);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }
}
