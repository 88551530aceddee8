using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>The CAs of the current settings, each with its client and account.</summary>
internal sealed class CertificateAuthorities(IssuingContext context) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AuthoritySettings, CertificateAuthority> _known = [];
    private AcmeSettings? _settings;

    public CertificateAuthority For(AuthoritySettings authority, AcmeSettings settings)
    {
        lock (_gate)
        {
            if (!Equals(_settings, settings))
            {
                // The old ones are not disposed of: orders in progress still use them.
                _known.Clear();
                _settings = settings;
            }

            if (!_known.TryGetValue(authority, out var known))
                _known[authority] = known = new CertificateAuthority(authority,
                    context.Connect(authority, context.Time), settings.EmailAddress, context.Store, context.Time);
            return known;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var authority in _known.Values) authority.Dispose();
            _known.Clear();
        }
    }
}
