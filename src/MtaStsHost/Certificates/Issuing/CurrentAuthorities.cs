using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>The CAs that a policy host's certificate is ordered from, under their CAA names. Cached for all hosts.</summary>
internal sealed class CurrentAuthorities(CurrentAcmeSettings settings, FileCertificates files, TimeProvider time)
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_lifeOfFault = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private Asked? _asked;

    /// <returns>In the order in which they are tried; empty: nothing is ordered for the host.</returns>
    public async Task<IReadOnlyList<CaaAuthority>> FindAsync(string host, CancellationToken cancellationToken) =>
        settings.Current is { } acme && files.Current.Find(host, time.GetUtcNow()) is null
            ? await Ask(acme).WaitAsync(cancellationToken) : [];

    private Task<IReadOnlyList<CaaAuthority>> Ask(AcmeSettings acme)
    {
        lock (_lock)
        {
            // Shared: a caller that gives up doesn't cancel it for the others.
            if (_asked is null || !ReferenceEquals(_asked.Settings, acme) || IsOver(_asked)) _asked =
                new Asked(acme, time.GetTimestamp(), AuthorityIdentities.ReadAsync(acme, time, CancellationToken.None));
            return _asked.Answer;
        }
    }

    private bool IsOver(Asked asked) =>
        asked.Answer.IsCompleted && time.GetElapsedTime(asked.At) > (asked.Answer.IsCompletedSuccessfully
            && asked.Answer.Result.All(authority => authority.Request is not null) ? s_life : s_lifeOfFault);

    private sealed record Asked(AcmeSettings Settings, long At, Task<IReadOnlyList<CaaAuthority>> Answer);
}
