using Acme;
using MailRecords;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Fetches the names of the configured CAs in CAA records (RFC 8659 §4.2) from their directories, without an account.</summary>
internal static class AuthorityIdentities
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <returns>In the order in which the CAs are tried; an unreachable one says why.</returns>
    public static async Task<IReadOnlyList<CaaAuthority>> ReadAsync(AcmeSettings settings,
        TimeProvider time, CancellationToken cancellationToken) =>
        await Task.WhenAll(settings.Authorities.Select(authority =>
            ReadAsync(authority, settings.ChallengeTypes, time, cancellationToken)));

    private static async Task<CaaAuthority> ReadAsync(AuthoritySettings authority,
        IReadOnlyList<string> challengeTypes, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = authority.DirectoryUrl.Authority;
        using var deadline = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var client = CertificateAuthority.CreateClient(authority, time);
            var directory = await client.GetDirectoryAsync(either.Token);
            return new CaaAuthority(name, new CaaRequest(directory.CaaIdentities, challengeTypes, null));
        }
        catch (Exception e) when (e is AcmeException or IssuanceException)
        {
            return new CaaAuthority(name, null, Printable.Text(e.Message, 300));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CaaAuthority(name, null, $"its directory did not load within {s_patience.TotalSeconds:0} s");
        }
    }
}

/// <summary>The CAs that a policy host's certificate is ordered from, under their CAA names. Cached for all hosts.</summary>
internal sealed class CurrentAuthorities(Live<AcmeSettings?> settings, FileCertificates files, TimeProvider time)
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
