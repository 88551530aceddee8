using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Time.Testing;

namespace MtaSts.Tests;

/// <summary>What the fetcher's tests share: a domain, its certificates, a clock to turn.</summary>
public abstract class PolicyFetcherFixture
{
    private protected const string Host = "mta-sts.example.com";

    private protected static TestCertificates Certificates { get; } = new();

    private protected static DomainName Domain { get; } =
        DomainName.TryParse("example.com", out var domain, out _) ? domain : throw new InvalidOperationException();

    private protected FakeTimeProvider Time { get; } = new(TestCertificates.Now);

    private protected static TestPolicyServer Serve(string? answer = null, Func<SslStreamCertificateContext>? certificate = null) => new()
    {
        Certificate = certificate?.Invoke() ?? Certificates.Server([Host]),
        OnRequest = stream => TestPolicyServer.AnswerAsync(stream, answer ?? TestPolicyServer.Answer(TestPolicyServer.Body)),
    };

    private protected PolicyFetcherOptions Options(TestPolicyServer server) => new()
    {
        Port = server.Port,
        Resolve = static (_, _) => new([IPAddress.Loopback]),
        TrustedRoots = Certificates.Roots,
        TimeProvider = Time,
    };

    private protected Task<FetchedPolicy> FetchAsync(TestPolicyServer server, PolicyFetcherOptions? options = null) =>
        new PolicyFetcher(options ?? Options(server)).FetchAsync(Domain, CancellationToken.None);

    private protected static async Task<PolicyFetchException> FailAsync(PolicyFetcherOptions options)
    {
        var failure = await Assert.ThrowsAsync<PolicyFetchException>(() => new PolicyFetcher(options).FetchAsync(Domain,
            CancellationToken.None));
        Assert.Contains(Host, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(failure.Message, char.IsControl);
        return failure;
    }
}
