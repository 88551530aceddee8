using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Files;

/// <summary>The certificates of <c>Tls:Certificates</c>; when a file turns bad, the old certificate stays active.</summary>
internal sealed class FileCertificates
{
    private readonly Lock _lock = new();
    private ImmutableArray<Entry> _entries = [];
    private CertificateSnapshot _current = CertificateSnapshot.Empty;

    public CertificateSnapshot Current => Volatile.Read(ref _current);

    public ImmutableArray<Entry> Entries => _entries;

    /// <summary>One line per file that can't be used now.</summary>
    public IReadOnlyList<string> Errors => [.. _entries.Select(entry => entry.Error).OfType<string>()];

    /// <summary>Whether a certificate for the host is configured, in date or not.</summary>
    public bool Covers(string host) => Current.Find(host, DateTimeOffset.MinValue) is not null;

    public ConfigurationInputs Inputs => InputsOf(_entries.Select(entry => entry.Source));

    public static ConfigurationInputs InputsOf(IEnumerable<CertificateSource> sources) =>
        new([.. sources.SelectMany(source => new[] { source.Path, source.KeyPath }).OfType<string>().Distinct()], []);

    /// <summary>Loads every certificate; each unusable one is an error, unless another of the same files is active, which stays: a renewal
    /// that has replaced one of two files must not hold up a changed policy.</summary>
    /// <param name="active">Unchanged files are not read again: their contexts hold what resumed sessions need.</param>
    public static ImmutableArray<Entry> Load(IReadOnlyList<CertificateSource> sources,
        ImmutableArray<Entry> active, ProblemList problems)
    {
        var entries = ImmutableArray.CreateBuilder<Entry>(sources.Count);
        foreach (var source in sources)
        {
            try
            {
                var fingerprint = InputsOf([source]).Fingerprint();
                var known = active.FirstOrDefault(entry => entry.Fingerprint == fingerprint
                    && entry.Error is null && entry.Source.IsSameAs(source));
                var certificate = known?.Certificate ?? CertificateFile.Load(source);
                entries.Add(new Entry(source, certificate, fingerprint, null));
            }
            catch (CertificateFileException e)
            {
                if (active.FirstOrDefault(entry => entry.Source.IsSameAs(source)) is { } old)
                    entries.Add(old with { Source = source, Error = ProblemOf(source, e) });
                else problems.Error(source.SettingPath, source.Origin, e.What, e.Remedy);
            }
        }

        return entries.DrainToImmutable();
    }

    public static void JudgeDates(ImmutableArray<Entry> entries, DateTimeOffset now, ProblemList problems)
    {
        foreach (var (source, certificate, _, _) in entries)
        {
            if (certificate.NotAfter <= now)
                problems.Warning(source.SettingPath, source.Origin,
                    $"the certificate in {Printable.Text(source.Path, 300)} expired on {certificate.NotAfter:yyyy-MM-dd}",
                    "renew it; senders refuse it");
            if (certificate.NotBefore > now)
                problems.Warning(source.SettingPath, source.Origin,
                    $"the certificate in {Printable.Text(source.Path, 300)} is not valid before {certificate.NotBefore:yyyy-MM-dd}",
                    "wait until then, or check the system clock");
        }
    }

    public void Replace(ImmutableArray<Entry> entries)
    {
        lock (_lock) Publish(entries);
    }

    /// <summary>Reads the files again, and returns <see cref="Errors"/>.</summary>
    public IReadOnlyList<string> Refresh()
    {
        lock (_lock)
        {
            Publish([.. _entries.Select(Refresh)]);
            return Errors;
        }
    }

    private static Entry Refresh(Entry entry)
    {
        try
        {
            var fingerprint = InputsOf([entry.Source]).Fingerprint();
            return fingerprint == entry.Fingerprint && entry.Error is null
                ? entry : new Entry(entry.Source, CertificateFile.Load(entry.Source), fingerprint, null);
        }
        catch (CertificateFileException e)
        {
            return entry with { Error = ProblemOf(entry.Source, e) };
        }
    }

    private static string ProblemOf(CertificateSource source, CertificateFileException e) =>
        new ConfigurationProblem(ProblemSeverity.Error, source.SettingPath, source.Origin, e.What, e.Remedy).ToString();

    private void Publish(ImmutableArray<Entry> entries)
    {
        _entries = entries;
        // The old certificates are not disposed of: running handshakes still use them.
        Volatile.Write(ref _current, new CertificateSnapshot([.. entries.Select(entry => entry.Certificate)]));
    }

    /// <param name="Fingerprint">Of the files, taken before reading them.</param>
    /// <param name="Error">Why the file's current state is not active; <c>null</c>: it is.</param>
    internal sealed record Entry(CertificateSource Source, ServingCertificate Certificate, long Fingerprint, string? Error);
}
