using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MtaStsHost.Configuration;

internal sealed class AcmeOptions
{
    [Description("You agree to the CA's terms of service: certificates are ordered if there is an `Https` endpoint. If it is false, those "
        + "that were ordered before are still served.")]
    public bool AcceptTermsOfService { get; set; }

    [Description("The account's contact.")]
    [MailAddress]
    public string? EmailAddress { get; set; }

    [Description("Use Let's Encrypt's staging server, whose certificates no sender trusts.")]
    public bool UseStagingServer { get; set; }

    [Description("The ACME directory of another CA.")]
    [DefaultValue("Let's Encrypt")]
    [HttpsUrl]
    public string? DirectoryUrl { get; set; }

    [Description("PEM roots for the directory's own TLS certificate, for a private CA. Read again when the file changes.")]
    [DefaultValue("the system's")]
    [FilePath]
    public string? TrustedRootsFile { get; set; }

    [Description("Tried in this order, one per attempt.")]
    [NotEmpty(ErrorMessage = "{0}: is empty, so nothing could be proved to the CA; use TlsAlpn01, Http01 or both, or remove it")]
    [Choice("TlsAlpn01", "Http01")]
    public List<string> AllowedChallengeTypes { get; } = ["TlsAlpn01", "Http01"];

    [Description("The type of the certificates' keys: `ES256`, `ES384` or `RS256`.")]
    [Choice("ES256", "ES384", "RS256")]
    public string KeyAlgorithm { get; set; } = "ES256";

    [Description("The common name of the preferred root, if the CA offers several.")]
    [PrintableText]
    public string? PreferredChain { get; set; }

    [Description("The certificate profile to request, such as `shortlived`.")]
    [PrintableText]
    public string? Profile { get; set; }

    [Description("External account binding, for CAs that require it.")]
    [ValidateObjectMembers]
    public EabCredentialsOptions EabCredentials { get; } = new();

    [Description("Further CAs, each tried when an attempt at the ones before it has failed.")]
    [ValidateEnumeratedItems]
    public List<FallbackOptions> Fallbacks { get; } = [];

    [Description("The number of orders in progress at the same time.")]
    [Range(1, 1000)]
    public int MaxConcurrentOrders { get; set; } = 8;

    [Description("Check DNS, CAA and ports before an order; `false` for test CAs on other ports.")]
    public bool Preflight { get; set; } = true;

    [Description("New orders at one CA in three hours, over all services that share the store; Let's Encrypt allows 300.")]
    [Range(1, 10_000_000)]
    public int OrdersPerThreeHours { get; set; } = 250;
}

internal sealed class FallbackOptions
{
    [Description("The CA's ACME directory.")]
    [Required(ErrorMessage = "{0}: is not set; write the URL of the CA's ACME directory")]
    [HttpsUrl]
    public string? DirectoryUrl { get; set; }

    [Description("PEM roots for the directory's own TLS certificate, for a private CA.")]
    [DefaultValue("the system's")]
    [FilePath]
    public string? TrustedRootsFile { get; set; }

    [Description("External account binding, for CAs that require it.")]
    [ValidateObjectMembers]
    public EabCredentialsOptions EabCredentials { get; } = new();
}

internal sealed class EabCredentialsOptions
{
    [Description("The key identifier that the CA shows.")]
    public string? EabKeyId { get; set; }

    [Description("The HMAC key that the CA shows, in base64url.")]
    [Secret]
    public string? EabKey { get; set; }

    [Description("`HS256`, `HS384` or `HS512`.")]
    [Choice("HS256", "HS384", "HS512")]
    public string EabKeyAlg { get; set; } = "HS256";
}
