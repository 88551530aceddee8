using Fuzz;

namespace MtaStsHost.Tests;

/// <summary>A short run of each target of <c>tests/Fuzz</c>, which runs them for longer.</summary>
public sealed class FuzzTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Run_ManyMutatedInputs_BreakNoInvariant(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var fuzzer = new Fuzzer(target, seed: 20180930);

        fuzzer.Run(target.ShortRun);

        // A target that accepts nearly everything, or nearly nothing, tests nothing.
        Assert.InRange(fuzzer.Accepted, fuzzer.Iterations / 200, fuzzer.Iterations * 199 / 200);
    }

    [Fact]
    public void All_EveryTarget_IsListed() => Assert.Equal(
        typeof(FuzzTarget).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(FuzzTarget)) && !type.IsAbstract)
            .Select(type => type.Name).Order(),
        FuzzTargets.All.Select(target => target.GetType().Name).Order());
}
