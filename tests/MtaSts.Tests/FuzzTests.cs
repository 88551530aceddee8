using Fuzz;

namespace MtaSts.Tests;

public sealed class FuzzTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void RunOne_ManyMutatedInputs_BreakNoInvariant(string name)
    {
        var fuzzer = new Fuzzer(FuzzTargets.All.Single(target => target.Name == name), seed: 20180930);
        fuzzer.RunSeeds();
        for (var i = 0; i < 20_000; i++)
            fuzzer.RunOne();
        Assert.InRange(fuzzer.Accepted, 1000, fuzzer.Iterations - 1000);
    }
}
