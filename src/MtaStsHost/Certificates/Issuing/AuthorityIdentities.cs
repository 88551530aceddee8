using Acme;
using MailRecords;
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
