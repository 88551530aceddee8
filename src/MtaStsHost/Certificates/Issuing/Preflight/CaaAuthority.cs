using MailRecords;

namespace MtaStsHost.Certificates.Issuing.Preflight;

/// <summary>A CA that certificates are ordered from, as CAA records know it.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Request"><c>null</c>: its directory, which names it, could not be read.</param>
/// <param name="Fault">Why not; safe to print. Empty where it was read.</param>
internal sealed record CaaAuthority(string Name, CaaRequest? Request, string Fault = "");
