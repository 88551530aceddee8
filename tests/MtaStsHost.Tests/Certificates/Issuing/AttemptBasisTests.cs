using System.Collections.Immutable;
using System.Net;
using Acme;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing;

public sealed class AttemptBasisTests : IDisposable
{
    private static readonly Uri s_directory = new("https://ca.example/dir");

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string> Changes => [.. s_changes.Keys];

    private static readonly Dictionary<string, Func<AcmeSettings, AcmeSettings>> s_changes = new()
    {
        ["directory"] = settings => settings with { Authorities = [new(new Uri("https://ca.example/other"), null, Eab("id", "AAAA"))] },
        ["fallback"] = settings => settings
            with { Authorities = [.. settings.Authorities, new(new Uri("https://b.example/"), null, null)] },
        ["key id"] = settings => settings with { Authorities = [new(s_directory, null, Eab("other", "AAAA"))] },
        ["key"] = settings => settings with { Authorities = [new(s_directory, null, Eab("id", "AAAB"))] },
        ["profile"] = settings => settings with { Profile = "classic" },
        ["chain"] = settings => settings with { PreferredChain = "Root" },
        ["email"] = settings => settings with { EmailAddress = "a@a.example" },
        ["types"] = settings => settings with { ChallengeTypes = ["tls-alpn-01"] },
        ["algorithm"] = settings => settings with { KeyAlgorithm = KeyAlgorithm.RS256 },
        ["preflight"] = settings => settings with { Preflight = false },
        ["concurrency"] = settings => settings with { MaxConcurrentOrders = 9 },
        ["pace"] = settings => settings with { OrdersPerThreeHours = 1 },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_EqualSettings_IsTheSameAfterARestart()
    {
        Assert.Equal(Of(Settings()), Of(Settings()));
        // The store keeps it.
        Assert.Equal("d4bc", Of(Settings()).Limits[..4]);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Of_OtherSettings_IsAnotherAndTheLimitsAreOfTheAccounts(string change)
    {
        var (before, after) = (Of(Settings()), Of(s_changes[change](Settings())));

        Assert.NotEqual(before.All, after.All);
        Assert.Equal(change is "directory" or "fallback" or "key id", before.Limits != after.Limits);
        Assert.Equal((after.Limits, after.All), (after.Of(FailureKind.RateLimited), after.Of(FailureKind.Profile)));
    }

    [Fact]
    public void Of_OtherResolvers_IsAnother() =>
        Assert.NotEqual(Of(Settings()).All, Of(Settings(), [new IPEndPoint(IPAddress.Loopback, 53)]).All);

    [Fact]
    public void Of_RootsFile_GoesByItsContent()
    {
        var (roots, file) = (new RootsFiles(_time), _folder.Write("roots.pem", "one"));
        var settings = Settings() with { Authorities = [new(s_directory, file, null)] };
        var before = AttemptBasis.Of(settings, [], roots);

        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(before, AttemptBasis.Of(settings, [], roots));

        File.WriteAllText(file, "two");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(before.All, AttemptBasis.Of(settings, [], roots).All);

        File.Delete(file);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(before.All, AttemptBasis.Of(settings, [], roots).All);
    }

    private AttemptBasis Of(AcmeSettings settings, ImmutableArray<IPEndPoint>? resolvers = null) =>
        AttemptBasis.Of(settings, resolvers ?? [], new RootsFiles(_time));

    private static AcmeSettings Settings() => new(
        [new AuthoritySettings(s_directory, null, Eab("id", "AAAA"))], "", ["http-01"], default, null, null, 8, true, 250);

    private static ExternalAccountBinding Eab(string id, string key) =>
        ExternalAccountBinding.TryCreate(id, key, MacAlgorithm.HS256, out var binding, out var error) ? binding
            : throw new InvalidOperationException(error);
}
