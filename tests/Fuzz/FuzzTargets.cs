using Fuzz.Targets;

namespace Fuzz;

/// <summary>Everything that can be fuzzed.</summary>
public static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        // MtaSts
        new PolicyTarget(), new RecordTarget(), new TlsRptTarget(), new DomainTarget(), new MxTarget(),
        // MailRecords
        new SpfTarget(), new DmarcTarget(), new DkimTarget(), new CaaTarget(),
        // The service
        new HostHeaderTarget(), new ClientHelloTarget(), new ProxyHeaderTarget(), new ConfigurationTarget(),
        new SmtpReplyTarget(), new StsCheckTarget(), new TlsRptCheckTarget(), new MxCheckTarget(),
    ];
}
