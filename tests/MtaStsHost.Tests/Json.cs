namespace MtaStsHost.Tests;

/// <summary>Configurations for tests, with what every one of them needs.</summary>
internal static class Json
{
    public const string Endpoints = """
        "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:0" }, "Management": { "Url": "http://127.0.0.1:0" } } }
        """;

    public const string HttpsEndpoints = """
        "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:0" }, "Https": { "Url": "https://127.0.0.1:0" }, "Management": { "Url": "http://127.0.0.1:0" } } }
        """;

    /// <summary>The three settings that make a domain good by themselves.</summary>
    public const string Good = """
        { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800 }
        """;

    /// <param name="mtaSts">What stands under <c>MtaSts</c>.</param>
    /// <param name="more">Further sections.</param>
    public static string With(string mtaSts, string? more = null) =>
        $$"""
        { {{Endpoints}}, "MtaSts": {{mtaSts}}{{(more is null ? "" : ", " + more)}} }
        """;

    /// <param name="domains">What stands under <c>MtaSts:Domains</c>.</param>
    public static string WithDomains(string domains, string? more = null) => With($$"""{ "Domains": {{domains}} }""", more);

    /// <summary>example.com with these settings.</summary>
    public static string WithDomain(string settings) => WithDomains($$"""{ "example.com": {{settings}} }""");
}
