using System.Collections;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class ConfigurationSourcesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FindFolder_FileBesideTheBinary_IsThatOne()
    {
        _folder.Write("repo/MtaStsHost.sln", "");
        _folder.Write("repo/appsettings.json", "{}");
        _folder.Write("repo/bin/appsettings.json", "{}");

        Assert.Equal(_folder["repo/bin"], ConfigurationSources.FindFolder(_folder["repo/bin"], _folder["work"]));
    }

    [Theory]
    [InlineData("repo/src/MtaStsHost/bin/Debug/net10.0")]
    [InlineData("repo/src/MtaStsHost/bin/Debug/net10.0/")]
    public void FindFolder_BinaryInACheckout_IsTheRepositorysRoot(string binary)
    {
        _folder.Write("repo/MtaStsHost.sln", "");
        _folder.Write("repo/appsettings.json", "{}");
        _folder.Write("repo/src/appsettings.json", "{}"); // no solution beside it
        Directory.CreateDirectory(_folder[binary]);

        Assert.Equal(_folder["repo"], ConfigurationSources.FindFolder(_folder[binary], _folder["work"]));
    }

    [Theory]
    [InlineData("work", true, "work")]
    [InlineData("work", false, "etc")] // not the working directory
    public void DefaultFolder_WithoutAppsettings_IsThatOfTheFirstFileOfConfig(string folder, bool isThere, string expected)
    {
        if (isThere) _folder.Write($"{folder}/appsettings.json", "{}");

        var sources = new ConfigurationSources(_folder[folder], ["../etc/one.json", "../other/two.json"],
            [], new Hashtable(), _folder["work"]);

        Assert.Equal(_folder[expected], sources.DefaultFolder);
    }

    [Fact]
    public void FindFolder_NothingAbove_IsTheWorkingDirectory()
    {
        _folder.Write("other/appsettings.json", "{}");

        Assert.Equal(_folder["work"], ConfigurationSources.FindFolder(_folder["other/bin"], _folder["work"]));
    }
}
