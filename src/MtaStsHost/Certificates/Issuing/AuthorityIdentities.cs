using Acme;
using MailRecords;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Text;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Asks the configured CAs for their names in CAA records (RFC 8659 §4.2). Only their directories are fetched; no account is
/// looked up or made.</summary>
internal static class AuthorityIdentities
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <returns>In the order in which the CAs are tried; one that can't be asked says why.</returns>
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
            return new CaaAuthority(name, null, $"its directory did not come within {s_patience.TotalSeconds:0} s");
        }
    }
}
