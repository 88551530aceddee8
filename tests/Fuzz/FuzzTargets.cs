using System.Collections.ObjectModel;

namespace Fuzz;

/// <summary>What can be fuzzed. A test project with more parsers adds its own targets.</summary>
public static class FuzzTargets
{
    public static Collection<FuzzTarget> All { get; } =
        [new PolicyTarget(), new RecordTarget(), new TlsRptTarget(), new DomainTarget(), new MxTarget()];
}
