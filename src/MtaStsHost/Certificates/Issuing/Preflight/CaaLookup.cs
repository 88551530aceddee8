using MailRecords;
using MtaStsHost.Network;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>Finds the CAA records that apply to a host, RFC 8659 §3. At most one query per label.</summary>
internal static class CaaLookup
{
    /// <summary>Climbs from the host to the top-level domain; the first name with CAA records decides.</summary>
    /// <returns><c>null</c> when they permit the request.</returns>
    /// <exception cref="ResolutionException">A name server on the way didn't answer.</exception>
    public static async Task<PreflightFinding?> CheckAsync(string host,
        CaaRequest request, IResolver resolver, CancellationToken cancellationToken)
    {
        for (var name = host; name.Length > 0; name = Parent(name))
        {
            var records = await resolver.CaaAsync(name, cancellationToken);
            if (records.Count > 0)
                return CaaPolicy.Check(records, request) is { } refusal
                    ? new($"the CAA records of {name} {refusal.Message}", Remedy(refusal.Reason, name, request)) : null;
        }

        return null;
    }

    private static string Remedy(CaaRefusalReason reason, string name, CaaRequest request)
    {
        var record = $"publish {name} CAA 0 issue \"{Printable.Text(request.CaaIdentities[0], 100)}\"";
        return reason switch
        {
            CaaRefusalReason.UnknownCriticalProperty => "remove it, or clear its critical flag",
            CaaRefusalReason.OtherIssuers => record,
            _ => $"fix that record, or also {record}",
        };
    }

    private static string Parent(string name) =>
        name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? name[(dot + 1)..] : "";
}

/// <summary>A CA that certificates are ordered from, as CAA records know it.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Request"><c>null</c>: its directory, which names it, could not be read.</param>
/// <param name="Fault">Why not; safe to print. Empty where it was read.</param>
internal sealed record CaaAuthority(string Name, CaaRequest? Request, string Fault = "");
