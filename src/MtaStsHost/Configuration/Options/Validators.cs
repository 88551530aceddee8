using Microsoft.Extensions.Options;

namespace MtaStsHost.Configuration;

[OptionsValidator]
internal sealed partial class EndpointOptionsValidator : IValidateOptions<EndpointOptions>;

[OptionsValidator]
internal sealed partial class MtaStsOptionsValidator : IValidateOptions<MtaStsOptions>;

[OptionsValidator]
internal sealed partial class TlsOptionsValidator : IValidateOptions<TlsOptions>;

[OptionsValidator]
internal sealed partial class AcmeOptionsValidator : IValidateOptions<AcmeOptions>;

[OptionsValidator]
internal sealed partial class CheckOptionsValidator : IValidateOptions<CheckOptions>;

[OptionsValidator]
internal sealed partial class DnsOptionsValidator : IValidateOptions<DnsOptions>;

[OptionsValidator]
internal sealed partial class TraefikOptionsValidator : IValidateOptions<TraefikOptions>;

[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;

[OptionsValidator]
internal sealed partial class KnownProxiesOptionsValidator : IValidateOptions<KnownProxiesOptions>;

[OptionsValidator]
internal sealed partial class SerilogOptionsValidator : IValidateOptions<SerilogOptions>;
