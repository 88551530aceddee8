using System.Collections;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;

namespace MtaStsHost.Testing;

/// <summary>A configuration in a folder of its own, with an environment and a command line that are the test's and not the
/// machine's.</summary>
public sealed class ConfigurationFixture : IDisposable
{
    public ConfigurationFixture(string? appsettings = null)
    {
        if (appsettings is not null) Folder.Write(ConfigurationSources.FileName, appsettings);
    }

    public TempFolder Folder { get; } = new();

    public Hashtable Environment { get; } = [];

    /// <summary>What <c>--config</c> names.</summary>
    public ICollection<string> ConfigFiles { get; } = new List<string>();

    /// <summary>What <c>--Key:Sub=value</c> sets.</summary>
    public ICollection<KeyValuePair<string, string>> CommandLine { get; } = new List<KeyValuePair<string, string>>();

    /// <summary>The folder of appsettings.json when not given.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>Whether a host that is started on it checks its domains by itself. Off, so that no test asks the world's DNS unless it says
    /// so.</summary>
    public bool ChecksInBackground { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    internal ConfigurationLoader Loader() =>
        new(new ConfigurationSources(Folder.Path, [.. ConfigFiles], [.. CommandLine], Environment, WorkingDirectory ?? Folder.Path));

    internal LoadedConfiguration Load() => Loader().Load();

    /// <summary>Loads and judges everything, as a start does.</summary>
    internal (ServiceConfiguration? Configuration, LoadedConfiguration Loaded) Read(ServiceConfiguration? active = null)
    {
        var loaded = Load();
        return (ServiceConfiguration.Load(loaded, active, Time), loaded);
    }

    /// <summary>A configuration that must be good.</summary>
    internal ServiceConfiguration ReadGood()
    {
        var (configuration, loaded) = Read();
        return configuration ?? throw new InvalidOperationException(string.Join('\n', loaded.Problems.Errors));
    }

    public IReadOnlyList<string> Errors() => [.. Read().Loaded.Problems.Errors.Select(problem => problem.ToString())];

    public IReadOnlyList<string> Warnings() => [.. Read().Loaded.Problems.Warnings.Select(problem => problem.ToString())];

    public void Dispose() => Folder.Dispose();
}
