using System.Text;
using System.Text.Json;
using CsCheck;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Traefik;

namespace MtaStsHost.Tests.Traefik;

public sealed class DynamicConfigurationTests
{
    private static readonly TraefikSettings s_defaults = new(["websecure"], null, null, "mta-sts-");

    [Fact]
    public void Write_OneDomain_IsARouterAndTheService() => Assert.Equal(
        """
        {"http":{"routers":{"mta-sts-example.com":{"rule":"Host(`mta-sts.example.com`)","entryPoints":["websecure"],"service":"mta-sts","priority":10000,"tls":{}}},"services":{"mta-sts":{"loadBalancer":{"servers":[{"url":"http://127.0.0.1:8080"}],"passHostHeader":true}}}}}
        """,
        Write(s_defaults, "example.com"));

    [Fact]
    public void Write_AllSettings_AreInEveryRouter() => Assert.Equal(
        """
        {"http":{"routers":{"stsa.example":{"rule":"Host(`mta-sts.a.example`)","entryPoints":["v4","v6"],"service":"mta-sts","priority":10000,"tls":{"certResolver":"letsencrypt"}},"stsxn--bcher-kva.example":{"rule":"Host(`mta-sts.xn--bcher-kva.example`)","entryPoints":["v4","v6"],"service":"mta-sts","priority":10000,"tls":{"certResolver":"letsencrypt"}}},"services":{"mta-sts":{"loadBalancer":{"servers":[{"url":"http://127.0.0.1:8080"}],"passHostHeader":true}}}}}
        """,
        Write(s_defaults with { EntryPoints = ["v4", "v6"], CertResolver = "letsencrypt", RouterPrefix = "sts" },
            "a.example", "bücher.example"));

    [Fact]
    public void Write_NoDomain_HasNoEmptyMapWhichTraefikWouldRefuse() => Assert.Equal(
        """
        {"http":{"services":{"mta-sts":{"loadBalancer":{"servers":[{"url":"http://127.0.0.1:8080"}],"passHostHeader":true}}}}}
        """,
        Write(s_defaults));

    [Theory]
    [InlineData]
    [InlineData("example.com")]
    [InlineData("example.com", "bücher.example", "xn--zckzah.example", "a.b.example", "a-b.example")]
    public async Task Write_AnyNumberOfDomains_IsValidForBothVersions(params string[] domains)
    {
        await TraefikSchemas.IsValidAsync(Write(s_defaults, domains));
        await TraefikSchemas.IsValidAsync(Write(new TraefikSettings(["a", "b"], "le", null, "x."), domains));
    }

    [Fact]
    public async Task Write_ManyDomains_IsValidForBothVersions() =>
        await TraefikSchemas.IsValidAsync(Write(s_defaults, [.. Enumerable.Range(0, 2000).Select(i => $"d{i}.example")]));

    [Fact]
    public void Write_AnyDomains_NamesAreUniqueAndStay() => Gen.Select(s_domain.HashSet[0, 20], s_domain).Sample((domains, another) =>
    {
        var names = Routers(Write(s_defaults, [.. domains]));
        var more = Routers(Write(s_defaults, [.. domains.Append(another).Reverse().Distinct()]));

        Assert.Equal(domains.Count, names.Count);
        Assert.All(names, name => Assert.Equal(name.Value, more[name.Key]));
        Assert.All(names.Keys, name => Assert.DoesNotContain('@', name));
    }, iter: 200);

    /// <summary>Labels that would be the same if a dot became a hyphen, a U-label among them.</summary>
    private static readonly Gen<string> s_domain =
        Gen.Select(Gen.OneOf("a", "b", "a-b", "bücher").Array[1, 4], Gen.OneOf("example", "a-example"),
            (labels, top) => $"{string.Join('.', labels)}.{top}");

    private static Dictionary<string, string> Routers(string json)
    {
        using var document = JsonDocument.Parse(json);
        return !document.RootElement.GetProperty("http").TryGetProperty("routers", out var routers) ? []
            // Throws for a name that is there twice.
            : routers.EnumerateObject().ToDictionary(router => router.Name, router => router.Value.GetRawText());
    }

    private static string Write(TraefikSettings settings, params string[] domains) =>
        Encoding.UTF8.GetString(DynamicConfiguration.Write(new PolicySnapshot([.. domains.Select(Policy)]),
            settings, "http://127.0.0.1:8080").Span);

    private static ServedPolicy Policy(string domain)
    {
        Assert.True(DomainName.TryParse(domain, out var name, out _));
        var policy = new Policy(PolicyMode.None, [], 86400);
        return new ServedPolicy(name, policy, PolicyId.Compute(policy), default, []);
    }
}
