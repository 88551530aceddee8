using System.Text;
using System.Text.Json;
using CsCheck;

namespace Acme.Tests;

public sealed class AcmeProblemTests
{
    // RFC 8555 §6.7.1, its example.
    private const string Compound = """
        {
            "type": "urn:ietf:params:acme:error:malformed",
            "detail": "Some of the identifiers requested were rejected",
            "subproblems": [
                {
                    "type": "urn:ietf:params:acme:error:malformed",
                    "detail": "Invalid underscore in DNS name \"_example.org\"",
                    "identifier": { "type": "dns", "value": "_example.org" }
                },
                {
                    "type": "urn:ietf:params:acme:error:rejectedIdentifier",
                    "detail": "This CA will not issue for \"example.net\"",
                    "identifier": { "type": "dns", "value": "example.net" }
                }
            ]
        }
        """;

    [Fact]
    public void From_ExampleOfRfc8555_HasTheSubproblemsWithTheirIdentifiers()
    {
        var problem = Read(Compound);
        Assert.Equal(AcmeErrorType.Malformed, problem.ErrorType);
        Assert.Equal("Some of the identifiers requested were rejected", problem.Detail);
        Assert.Null(problem.Identifier);
        Assert.Equal(
            [(AcmeErrorType.Malformed, new Identifier("dns", "_example.org")),
                (AcmeErrorType.RejectedIdentifier, new Identifier("dns", "example.net"))],
            problem.Subproblems.Select(static one => (one.ErrorType, one.Identifier!)));
        Assert.Equal(
            "malformed: Some of the identifiers requested were rejected [_example.org: malformed: Invalid underscore in DNS name "
                + "\"_example.org\"; "
                + "example.net: rejectedIdentifier: This CA will not issue for \"example.net\"]",
            problem.ToString());
    }

    [Theory]
    [InlineData("badCSR", AcmeErrorType.BadCSR)]
    [InlineData("badNonce", AcmeErrorType.BadNonce)]
    [InlineData("accountDoesNotExist", AcmeErrorType.AccountDoesNotExist)]
    [InlineData("alreadyReplaced", AcmeErrorType.AlreadyReplaced)]
    [InlineData("invalidProfile", AcmeErrorType.InvalidProfile)]
    [InlineData("rateLimited", AcmeErrorType.RateLimited)]
    [InlineData("caa", AcmeErrorType.Caa)]
    [InlineData("dns", AcmeErrorType.Dns)]
    [InlineData("tls", AcmeErrorType.Tls)]
    [InlineData("userActionRequired", AcmeErrorType.UserActionRequired)]
    [InlineData("BadNonce", AcmeErrorType.Unknown)]
    [InlineData("unknown", AcmeErrorType.Unknown)]
    [InlineData("dns,tls", AcmeErrorType.Unknown)]
    [InlineData("4", AcmeErrorType.Unknown)]
    [InlineData("", AcmeErrorType.Unknown)]
    public void From_Type_IsKnownOrNot(string name, AcmeErrorType expected)
    {
        var problem = Read($$"""{ "type": "urn:ietf:params:acme:error:{{name}}" }""");
        Assert.Equal(expected, problem.ErrorType);
        Assert.Equal($"urn:ietf:params:acme:error:{name}", problem.Type);
        Assert.Equal(name, problem.ToString());
    }

    [Fact]
    public void From_OtherNamespace_IsUnknownAndShownInFull() =>
        Assert.Equal("https://example.org/oops: no", Read("""{ "type": "https://example.org/oops", "title": "no" }""").ToString());

    [Fact]
    public void From_Empty_IsAboutBlank() => Assert.Equal("about:blank", Read("{}").ToString());

    [Fact]
    public void From_SubproblemsOfSubproblems_AreLeftOut()
    {
        var problem = Read("""{ "subproblems": [ null, { "type": "a", "subproblems": [ { "type": "b" } ] } ] }""");
        Assert.Empty(Assert.Single(problem.Subproblems).Subproblems);
    }

    [Fact]
    public void From_ControlCharacters_BecomeSpaces() =>
        Assert.Equal("x: a b  c  d \U0001F600", Read("""{ "type": "x", "detail": "a\nb\u001b\u202ec\u2028\u0085d \ud83d\ude00" }""")
            .ToString());

    [Fact]
    public void Clean_LoneSurrogates_BecomeSpaces() => Assert.Equal("a b \U0001F600 ", AcmeProblem.Clean("a\ud800b\udc00\U0001F600\ud800"));

    [Fact]
    public void From_LongTexts_AreCut()
    {
        var problem = Read(
            $$"""{ "detail": "{{new string('x', 100_000)}}", "subproblems": [ {{string.Join(',', Enumerable.Repeat("{}", 1000))}} ] }""");
        Assert.Equal(8192, problem.Detail!.Length);
        Assert.Equal(200, problem.Subproblems.Count);
    }

    [Fact]
    public void ToString_AnyDetail_IsOneLineWithoutControls() =>
        Gen.String.Sample(static detail =>
        {
            var text = Read(Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(new { type = "x", detail }))).ToString();
            return !text.Any(char.IsControl);
        });

    [Theory]
    [InlineData("application/problem+json", "not json")]
    [InlineData("application/problem+json", "[]")]
    [InlineData("application/problem+json", "null")]
    [InlineData("application/problem+json", "{ \"type\": \"x\"")]
    [InlineData("application/problem+json", "")]
    [InlineData("application/json", "{ \"type\": \"urn:ietf:params:acme:error:badNonce\" }")]
    [InlineData("text/html", "<html>")]
    [InlineData(null, "")]
    public void Refusal_NoProblemDocument_IsAStatus(string? type, string body)
    {
        var refusal = Answer(type, body).Refusal();
        Assert.Equal((AcmeFailure.Status, 503, null), (refusal.Failure, refusal.StatusCode, refusal.Problem));
        Assert.Equal("newOrder at acme.test was refused with status 503.", refusal.Message);
        Assert.Equal(TimeSpan.FromSeconds(7), refusal.RetryAfter);
    }

    [Fact]
    public void Refusal_AnyBytes_IsOneTypedException() =>
        Gen.Byte.Array[0, 300].Sample(static bytes =>
            Answer("application/problem+json", Encoding.Latin1.GetString(bytes)).Refusal().StatusCode == 503);

    [Fact]
    public void Refusal_DamagedProblem_IsOneTypedException() =>
        Gen.Select(Gen.Int[0, Compound.Length - 1], Gen.Char["{}[]\",:0 nx"]).Sample(static (index, replacement) =>
        {
            var text = Compound.ToCharArray();
            text[index] = replacement;
            var refusal = Answer("application/problem+json", new string(text)).Refusal();
            return refusal.Failure == (refusal.Problem is null ? AcmeFailure.Status : AcmeFailure.Problem);
        }, iter: 5000);

    [Theory]
    [InlineData("\"status\": \"400\"")]
    [InlineData("\"status\": 4e99")]
    [InlineData("\"status\": 400.5")]
    [InlineData("\"title\": {}")]
    [InlineData("\"title\": \"\\ud800\"")]
    [InlineData("\"\\ud800\": 1")]
    [InlineData("\"instance\": [ 1 ]")]
    [InlineData("\"identifier\": \"a.example\"")]
    [InlineData("\"identifier\": { \"type\": 5, \"value\": 5 }")]
    [InlineData("\"subproblems\": {}")]
    [InlineData("\"subproblems\": [ 5, null, [] ]")]
    public void Refusal_MemberOfTheWrongType_IsIgnoredAlone(string member)
    {
        var refusal = Answer("application/problem+json",
            $$"""{ {{member}}, "type": "urn:ietf:params:acme:error:rateLimited", "detail": "Too many." }""").Refusal();
        Assert.Equal((AcmeFailure.Problem, AcmeErrorType.RateLimited), (refusal.Failure, refusal.ErrorType));
        Assert.Equal("newOrder at acme.test was refused with status 503: rateLimited: Too many.", refusal.Message);
        Assert.Null(refusal.Problem!.Status);
        Assert.Empty(refusal.Problem.Subproblems);
    }

    [Fact]
    public void Refusal_TypeOfTheWrongType_IsAboutBlankWithTheDetail() =>
        Assert.Equal("about:blank: No.", Read("""{ "type": 5, "detail": "No." }""").ToString());

    internal static AcmeProblem Read(string json) => ProblemReader.Read(Encoding.UTF8.GetBytes(json))!;

    private static AcmeResponse Answer(string? type, string body) => new(
        "newOrder at acme.test", 503, new Uri("https://acme.test/newOrder"), type, Encoding.UTF8.GetBytes(body),
        LocationText: null, Nonce: null, TimeSpan.FromSeconds(7), Links: []);
}
