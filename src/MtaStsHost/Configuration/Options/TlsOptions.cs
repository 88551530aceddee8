using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MtaStsHost.Configuration;

internal sealed class TlsOptions
{
    [Description("Certificates of your own. They take precedence over ACME for the names that they cover, and are reloaded when the files "
        + "change.")]
    [ValidateEnumeratedItems]
    public List<CertificateOptions> Certificates { get; } = [];
}

internal sealed class CertificateOptions
{
    [Description("A PEM file that includes the chain, or a PKCS#12 file.")]
    [Required(ErrorMessage = "{0}: is not set; name the file with the certificate and its chain")]
    [FilePath]
    public string? Path { get; set; }

    [Description("The file with the PEM key.")]
    [DefaultValue("the file in Path")]
    [FilePath]
    public string? KeyPath { get; set; }

    [Description("The password of the PKCS#12 file or the PEM key.")]
    [Secret]
    public string? Password { get; set; }
}
