using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Hosting;

/// <summary>A whole configuration without errors: the settings, the policies, and the files that were loaded for them.</summary>
/// <param name="Inputs">The files that it was read from.</param>
/// <param name="Fingerprint">Of these files, taken before they were read.</param>
internal sealed record ServiceConfiguration(
    HostSettings Settings, PolicySnapshot Policies, ConfigurationInputs Inputs, long Fingerprint,
    ImmutableArray<ConfigurationProblem> Warnings)
{
    /// <inheritdoc cref="LoadedConfiguration.FromEnvironment"/>
    public IReadOnlyList<string> FromEnvironment { get; private init; } = [];

    /// <summary>Empty if the configuration was only parsed.</summary>
    public ImmutableArray<FileCertificates.Entry> Certificates { get; private init; } = [];

    /// <summary>Of the certificate files, taken before they were read.</summary>
    public long CertificateFingerprint { get; private init; }

    /// <summary>Of <c>MtaSts:Include</c>.</summary>
    public ImmutableArray<IncludeFolder> Folders { get; private init; } = [];

    /// <summary>Parses the settings and builds the policies, without opening any file that they name.</summary>
    /// <returns><c>null</c> if there is an error; every problem is in the load's list.</returns>
    public static ServiceConfiguration? Parse(LoadedConfiguration loaded) => Finish(ParseAll(loaded, []), loaded.Problems);

    /// <summary>Parses the settings, then loads the certificate and root files, then builds the policies.</summary>
    /// <param name="active">What this configuration would replace: unchanged certificates are reused.</param>
    public static ServiceConfiguration? Load(LoadedConfiguration loaded, ServiceConfiguration? active, TimeProvider time)
    {
        var problems = loaded.Problems;
        var parsed = ParseAll(loaded, active?.Folders ?? []);
        CheckRoots(loaded.Tree, problems);
        var fingerprint = FileCertificates.InputsOf(parsed.Settings.Certificates).Fingerprint();
        var certificates = FileCertificates.Load(parsed.Settings.Certificates, active?.Certificates ?? [], problems);
        var result = parsed with { Certificates = certificates, CertificateFingerprint = fingerprint };
        JudgeCertificates(result, certificates, time.GetUtcNow(), problems);
        return Finish(result, problems);
    }

    /// <summary>Warns of certificates that senders refuse, and of policy hosts that have none.</summary>
    public static void JudgeCertificates(ServiceConfiguration configuration,
        ImmutableArray<FileCertificates.Entry> files, DateTimeOffset now, ProblemList problems)
    {
        FileCertificates.JudgeDates(files, now, problems);
        if (configuration.Settings is { HasHttps: true, Acme: null } && !problems.HasErrors)
            WarnOfMissingCertificates(configuration.Policies, files, now, problems);
    }

    /// <param name="folders">Of the active configuration.</param>
    private static ServiceConfiguration ParseAll(LoadedConfiguration loaded, ImmutableArray<IncludeFolder> folders)
    {
        var (tree, problems) = (loaded.Tree, loaded.Problems);
        IncludeFolder.Judge(folders, loaded.Folders, problems);
        var settings = HostSettings.Read(new SettingsReader(tree, problems));
        var policies = PolicySnapshotBuilder.Build(tree, problems);
        if (policies.All.IsEmpty && !problems.HasErrors)
            problems.Warning("MtaSts:Domains", default,
                "no domain is configured, so nothing is served but domains that were removed and that senders still hold a policy of",
                "add the first one");
        return new ServiceConfiguration(settings, policies, loaded.Inputs, loaded.Fingerprint, [])
        {
            Folders = loaded.Folders,
            FromEnvironment = loaded.FromEnvironment,
        };
    }

    private static ServiceConfiguration? Finish(ServiceConfiguration result, ProblemList problems)
    {
        problems.Sort();
        return problems.HasErrors ? null : result with { Warnings = [.. problems.Warnings] };
    }

    /// <summary>Also while they are not in use: an error must not wait until they are.</summary>
    private static void CheckRoots(ConfigurationTree tree, ProblemList problems)
    {
        var settings = new SettingsReader(tree, problems);
        foreach (var path in tree.Values.Keys.Where(IsRootsFile))
        {
            if (settings.Find(path) is not { } value || value.Text!.Contains('\0', StringComparison.Ordinal)) continue;
            if (!PemRoots.TryLoad(Path.GetFullPath(value.Text, value.Layer.Folder), out var roots, out var fault))
                problems.Error(path, value.Origin, fault.What, fault.Remedy);
            foreach (var root in roots ?? []) root.Dispose();
        }

        static bool IsRootsFile(string path) => path.EndsWith(":TrustedRootsFile", StringComparison.OrdinalIgnoreCase)
            && (path.StartsWith("Acme:", StringComparison.OrdinalIgnoreCase)
                || path.StartsWith("Checks:", StringComparison.OrdinalIgnoreCase));
    }

    private static void WarnOfMissingCertificates(
        PolicySnapshot policies, ImmutableArray<FileCertificates.Entry> files, DateTimeOffset now, ProblemList problems)
    {
        var certificates = new CertificateSnapshot([.. files.Select(entry => entry.Certificate)]);
        var all = policies.All;
        var without = all.Where(policy => certificates.Find(policy.Host, now) is null).ToList();
        if (without.Count == 0) return;
        problems.Warning("Tls:Certificates", default,
            $"no certificate covers {without.Count} of {all.Length} policy hosts, such as {without[0].Host}",
            "add theirs, or set Acme:AcceptTermsOfService to true to have them ordered; until then their handshakes are refused, unless "
            + "a certificate that was ordered before is in the store");
    }
}
