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

    [Theory]
    [InlineData(null, "etc/appsettings.json", "etc/appsettings.json")]
    [InlineData(null, "etc/other.json", "etc/appsettings.json")] // installed without its file, which reading it reports
    [InlineData(null, "work/appsettings.json etc/appsettings.json", null)]
    [InlineData(null, "", null)]
    [InlineData("", "etc/appsettings.json", "etc/appsettings.json")]
    [InlineData("../config/own.json", "config/own.json work/appsettings.json etc/appsettings.json", "../config/own.json")]
    [InlineData("../config/own.json", "config/misspelt.json work/appsettings.json", "../config/own.json")]
    [InlineData("../config/own.json", "work/appsettings.json", null)] // nothing mounted
    [InlineData("../config/own.json", "etc/appsettings.json", null)]
    public void FindDefaults_WithoutConfig_IsTheVariablesFileOrTheInstalledOne(string? variable, string files, string? expected)
    {
        foreach (var file in files.Split(' ', StringSplitOptions.RemoveEmptyEntries)) _folder.Write(file, "{}");
        var environment = new Hashtable { ["MTASTSHOST_CONFIG"] = variable };

        var defaults = ConfigurationSources.FindDefaults(_folder["work"], environment, _folder["work"], _folder["etc/appsettings.json"]);

        Assert.Equal(expected is null ? "" : expected[0] == '.' ? expected : _folder[expected], string.Join(' ', defaults));
    }

    [Fact]
    public void FindFolder_NothingAbove_IsTheWorkingDirectory()
    {
        _folder.Write("other/appsettings.json", "{}");

        Assert.Equal(_folder["work"], ConfigurationSources.FindFolder(_folder["other/bin"], _folder["work"]));
    }
}
