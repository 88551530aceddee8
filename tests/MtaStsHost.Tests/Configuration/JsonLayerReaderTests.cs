using System.Text;
using CsCheck;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Configuration;

public sealed class JsonLayerReaderTests
{
    private const string Sample = """
        {
          // a comment
          "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8080" } } },
          "MtaSts": {
            "Defaults": { "Mode": "testing", "MaxAge": 604800, "Mx": [ "mx.example.net" ] },
            "Domains": {
              "example.com": { "Mode": "enforce", "Mx": [ "mail.example.com", "*.mx.example.net" ], "MaxAge": 1209600, "Id": "20260101", "TlsRpt": [ "mailto:r@example.com" ] },
              "b\u00fccher.example": { "Mode": "none" },
            },
            "Include": [ "domains.d/*.json" ],
            "PublicHost": null
          },
          "Tls": { "Certificates": [ { "Path": "cert.pem", "KeyPath": "key.pem" } ] },
          "Dns": { "Resolvers": [ "192.0.2.53" ] },
          "ForwardedHeaders": { "KnownNetworks": [ "127.0.0.0/8" ] },
          "Serilog": { "MinimumLevel": { "Default": "Information" } }
        }
        """;

    [Fact]
    public void Read_Values_AreTextWithTheirLines()
    {
        var (layer, problems) = Read("""
            {
              "Tls": { "Certificates": [
                { "Path": "a.pem" },
                { "Path": "b.pem",
                  "KeyPath": null } ] },
              "Acme": { "Preflight": true, "MaxConcurrentOrders": 08.50e1 }
            }
            """.Replace("08.50e1", "8.50e1"));

        Assert.Empty(problems.Errors);
        Assert.Equal(
            [
                "Acme:MaxConcurrentOrders=8.50e1 Text 6", "Acme:Preflight=true Text 6",
                "Tls:Certificates:0:Path=a.pem Text 3", "Tls:Certificates:1:KeyPath= Null 5", "Tls:Certificates:1:Path=b.pem Text 4",
            ],
            layer.Values.Select(entry => $"{entry.Key}={entry.Value.Text} {entry.Value.Kind} {entry.Value.Line}")
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Read_Domains_HaveTheLineOfEveryValue(string lineEnd)
    {
        var (layer, problems) = Read("""
            { "MtaSts": { "Domains": {
              "a.example":
              {
                "Mode": "enforce",
                "Mx": [
                  "one.example",

                  "two.example" ]
              } } } }
            """.ReplaceLineEndings(lineEnd));

        Assert.Empty(problems.Errors);
        var domain = layer.Domains["A.EXAMPLE"];
        Assert.Equal((2, 4, 6, 8), (domain.Origin.Line, domain.Mode!.Value.Line, domain.Mx![0]!.Value.Line, domain.Mx[1]!.Value.Line));
    }

    [Theory]
    [InlineData("/* a */ {\n // b\n \"MtaSts\": { \"PublicHost\": \"x\", } /* c */ } // d")]
    [InlineData("{ \"MtaSts:PublicHost\": \"x\" }")]
    [InlineData("\uFEFF{ \"MtaSts\": { \"PublicHost\": \"x\" } }")]
    [InlineData("{ \"mtasts\": { \"PUBLICHOST\": \"x\" } }\r\n\r\n")]
    [InlineData("{ \"MtaSts\": { \"\\u0050ublicHost\": \"\\u0078\" } }")]
    public void Read_CommentsTrailingCommasAndByteOrderMark_AreAllowed(string json)
    {
        var (layer, problems) = Read(json);

        Assert.Empty(problems.Errors);
        Assert.Equal("x", layer.Values["MtaSts:PublicHost"].Text);
    }

    [Theory]
    [InlineData("", 0, "the file is empty; write at least {} into it")]
    [InlineData(" \r\n\t", 0, "the file is empty; write at least {} into it")]
    [InlineData("\uFEFF", 0, "the file is empty; write at least {} into it")]
    [InlineData("// nothing", 1, "")]
    [InlineData("[]", 1, "the file must hold a JSON object; start it with { and end it with }")]
    [InlineData("\n\n\"text\"", 3, "the file must hold a JSON object; start it with { and end it with }")]
    [InlineData("null", 1, "the file must hold a JSON object; start it with { and end it with }")]
    [InlineData("{\n\"MtaSts\": {\n", 3, "not valid JSON at byte ")]
    [InlineData("{\n\"MtaSts\": \"unfinish", 2, "not valid JSON at byte ")]
    [InlineData("{\n\n\"a\" 1 }", 3, "not valid JSON at byte 5 of the line: ")]
    [InlineData("{ }\n{ }", 2, "not valid JSON at byte 1 of the line: ")]
    [InlineData("{ \"a\": 01 }", 1, "not valid JSON at byte ")]
    [InlineData("{ \"a\": 'b' }", 1, "not valid JSON at byte ")]
    [InlineData("{ \"a\": NaN }", 1, "not valid JSON at byte ")]
    [InlineData("{ \"a\": \"b\nc\" }", 1, "not valid JSON at byte ")]
    [InlineData("{ /* open", 1, "not valid JSON at byte ")]
    public void Read_NoJson_IsOneErrorWithItsLine(string json, int line, string message)
    {
        var (_, problems) = Read(json);

        var error = Assert.Single(problems.Errors).ToString();

        Assert.StartsWith(line == 0 ? "error: test.json: " : $"error: test.json:{line}: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TruncatedAnywhere_IsAnError()
    {
        var whole = Encoding.UTF8.GetBytes(Sample);

        for (var length = 0; length < whole.Length; length++)
        {
            var problems = new ProblemList();
            JsonLayerReader.Read(Layer(), whole.AsSpan(0, length), included: false, problems);
            Assert.True(problems.HasErrors, $"the first {length} bytes");
        }
    }

    [Fact]
    public void Read_Utf16_IsAnErrorThatSaysUtf8()
    {
        var problems = new ProblemList();

        JsonLayerReader.Read(Layer(), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Sample)], included: false, problems);

        Assert.Equal("error: test.json:1: byte 0 is not valid UTF-8; save the file as UTF-8", Assert.Single(problems.Errors).ToString());
    }

    [Fact]
    public void Read_Latin1_NamesTheByteAndItsLine()
    {
        var problems = new ProblemList();

        JsonLayerReader.Read(Layer(), Encoding.Latin1.GetBytes("{\n\"MtaSts\": { \"PublicHost\": \"b\u00fccher\" } }"),
            included: false, problems);

        Assert.Equal("error: test.json:2: byte 30 is not valid UTF-8; save the file as UTF-8", Assert.Single(problems.Errors).ToString());
    }

    [Theory]
    [InlineData("{\"a\":", "}")]
    [InlineData("{\"MtaSts\":{\"Domains\":{\"a.example\":{\"Mx\":[", "]}}}}")]
    [InlineData("[", "]")]
    public void Read_HugeDepth_IsAnError(string open, string close)
    {
        var depth = open.Length > 10 ? 1 : 100_000;
        var json = "{\"x\":" + string.Concat(Enumerable.Repeat(open, depth))
            + (depth == 1 ? new string('[', 100_000) + new string(']', 100_000) : "1")
            + string.Concat(Enumerable.Repeat(close, depth)) + "}";

        var (_, problems) = Read(depth == 1 ? json[5..^1] : json);

        Assert.Contains(problems.Errors, error => error.What.Contains("depth", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""
        { "Tls": {},
          "tls": {} }
        """, "tls")]
    [InlineData("""
        { "MtaSts": { "PublicHost": "a",
          "publicHost": "a" } }
        """, "MtaSts:publicHost")]
    [InlineData("""
        { "MtaSts": { "Domains": { "a.example": {},
          "A.example": {} } } }
        """, "MtaSts:Domains:A.example")]
    [InlineData("""
        { "MtaSts": { "Domains": { "a.example": { "Mode": "none",
          "mode": "none" } } } }
        """, "MtaSts:Domains:a.example:mode")]
    [InlineData("""
        { "MtaSts": { "Domains": { "a.example": { "Mx": [ "a" ],
          "Mx": [ "a" ] } } } }
        """, "MtaSts:Domains:a.example:Mx")]
    [InlineData("""
        { "MtaSts": { "Defaults": { "MaxAge": 1,
          "MaxAge": 2 } } }
        """, "MtaSts:Defaults:MaxAge")]
    [InlineData("""
        { "Tls": { "Certificates": [ { "Path": "a",
          "\u0050ath": "a" } ] } }
        """, "Tls:Certificates:0:Path")]
    [InlineData("""
        { "MtaSts": { "Domains": {},
          "Domains": {} } }
        """, "MtaSts:Domains")]
    public void Read_KeyTwice_IsAnErrorThatNamesBothLines(string json, string path)
    {
        var (_, problems) = Read(json);

        Assert.Equal($"error: {path} (test.json:2): is listed twice; the first is on line 1; keep one of them",
            Assert.Single(problems.Errors).ToString());
    }

    [Theory]
    [InlineData("""{ "MtaSts": { "Domains": 5 } }""", "MtaSts:Domains (test.json:1): must be an object")]
    [InlineData("""{ "MtaSts": { "Domains": "a.example" } }""", "MtaSts:Domains (test.json:1): must be an object")]
    [InlineData("""{ "MtaSts": { "Defaults": true } }""", "MtaSts:Defaults (test.json:1): must be an object")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": [ { "Mode": "none" } ] } } }""",
        "MtaSts:Domains:a.example (test.json:1): must be an object")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": "enforce" } } }""", "MtaSts:Domains:a.example (test.json:1): must be an object")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mode": {} } } } }""",
        "MtaSts:Domains:a.example:Mode (test.json:1): must be one value")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mode": { "Mode": 1 } } } } }""",
        "MtaSts:Domains:a.example:Mode (test.json:1): must be one value")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mode": [] } } } }""",
        "MtaSts:Domains:a.example:Mode (test.json:1): must be one value")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mode": [ "none", "none" ] } } } }""",
        "MtaSts:Domains:a.example:Mode (test.json:1): must be one value")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "MaxAge": [ 1 ] } } } }""",
        "MtaSts:Domains:a.example:MaxAge (test.json:1): must be one value")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Id": {} } } } }""",
        "MtaSts:Domains:a.example:Id (test.json:1): must be one value")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mx": "mail.example.com" } } } }""",
        "MtaSts:Domains:a.example:Mx (test.json:1): must be a list")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mx": 5 } } } }""",
        "MtaSts:Domains:a.example:Mx (test.json:1): must be a list")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mx": { "a": [] } } } } }""",
        "MtaSts:Domains:a.example:Mx (test.json:1): must be a list")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mx": [ [ "a" ] ] } } } }""",
        "MtaSts:Domains:a.example:Mx:0 (test.json:1): must be text")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "TlsRpt": [ { "a": 1 } ] } } } }""",
        "MtaSts:Domains:a.example:TlsRpt:0 (test.json:1): must be text")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "TlsRpt": false } } } }""",
        "MtaSts:Domains:a.example:TlsRpt (test.json:1): must be a list")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mxs": [ "a", "b", "c" ] } } } }""",
        "MtaSts:Domains:a.example:Mxs (test.json:1): 'Mxs' is not a setting; did you mean Mx?")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mod": { "a": { "b": 1 } } } } } }""",
        "MtaSts:Domains:a.example:Mod (test.json:1): 'Mod' is not a setting; did you mean Mode?")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Dkim": { "Selectors": [ [] ] } } } } }""",
        "MtaSts:Domains:a.example:Dkim:Selectors:0 (test.json:1): must be text")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Dkim": { "Selectors": "s1" } } } } }""",
        "MtaSts:Domains:a.example:Dkim:Selectors (test.json:1): must be a list; write \"Selectors\": [ \"…\" ]")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Dkim": [ "s1" ] } } } }""",
        "MtaSts:Domains:a.example:Dkim (test.json:1): must be an object; write \"Dkim\": { \"Selectors\"")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Dkim": "s1" } } } }""",
        "MtaSts:Domains:a.example:Dkim (test.json:1): must be an object")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Dkim": { "Selector": [ "s1" ] } } } } }""",
        "MtaSts:Domains:a.example:Dkim:Selector (test.json:1): 'Selector' is not a setting; did you mean Selectors?")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Dkim": { "Selectors": [], "selectors": [] } } } } }""",
        "MtaSts:Domains:a.example:Dkim:selectors (test.json:1): is listed twice")]
    [InlineData("""{ "MtaSts": { "Defaults": { "Dkmi": {} } } }""",
        "MtaSts:Defaults:Dkmi (test.json:1): 'Dkmi' is not a setting; did you mean Dkim?")]
    [InlineData("""{ "MtaSts": { "Defaults": { "TlsRtp": [] } } }""",
        "MtaSts:Defaults:TlsRtp (test.json:1): 'TlsRtp' is not a setting; did you mean TlsRpt?")]
    public void Read_AnotherKindOfValue_IsOneError(string json, string message)
    {
        var (_, problems) = Read(json);

        Assert.StartsWith("error: " + message, Assert.Single(problems.Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "MtaSts": { "PublicHost": "\uD800" } }""")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Id": "\uDC00" } } } }""")]
    public void Read_HalfASurrogatePair_IsAnError(string json)
    {
        var (_, problems) = Read(json);

        Assert.Equal("error: test.json:1: has an escape that is not a character; write the character itself",
            Assert.Single(problems.Errors).ToString());
    }

    [Theory]
    [InlineData("""{ "Domains": { "a.example": { "Mode": "none" } }, "Defaults": { "MaxAge": 1 } }""")]
    [InlineData("""{ "MtaSts": { "Domains": { "a.example": { "Mode": "none" } }, "Defaults": { "MaxAge": 1 } } }""")]
    [InlineData("""{ "domains": { "a.example": { "mode": "none" } }, "DEFAULTS": { "maxage": 1 } }""")]
    public void Read_IncludedFile_HasTheShapeOfMtaStsWithItsNameOrWithout(string json)
    {
        var problems = new ProblemList();
        var layer = Layer();

        JsonLayerReader.Read(layer, Encoding.UTF8.GetBytes(json), included: true, problems);

        Assert.Empty(problems.Errors);
        Assert.Equal("none", Assert.Single(layer.Domains).Value.Mode!.Value.Text);
        Assert.Equal("1", layer.Defaults!.MaxAge!.Value.Text);
    }

    [Fact]
    public void Read_RandomBytes_NeverThrows() =>
        Gen.Byte.Array[0, 200].Sample(bytes => JsonLayerReader.Read(Layer(), bytes, included: false, new ProblemList()), iter: 20_000);

    [Fact]
    public void Read_MutatedJson_NeverThrowsAndServesOnlyPoliciesThatSendersRead()
    {
        var seed = Encoding.UTF8.GetBytes(Sample);
        string[] pieces = ["{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "1e999",
            "\\u0000", "\\uD800", "\n", "\0", "é", "\u202E", "//", "/*", "*", "..", "enforce", "\"Mx\"", "\"Domains\"", "xn--", "mta-sts."];
        var edit = Gen.Select(Gen.Int[0, 3], Gen.Int[0, seed.Length - 1], Gen.Int[1, 30], Gen.Int[0, pieces.Length - 1]);
        var served = 0;

        edit.Array[1, 6].Sample(
            edits =>
            {
                var bytes = seed.ToList();
                foreach (var (kind, at, length, piece) in edits)
                {
                    var start = Math.Min(at, bytes.Count - 1);
                    var count = Math.Min(length, bytes.Count - start);
                    if (kind == 0) bytes.RemoveRange(start, Math.Min(count, Math.Max(1, bytes.Count - 2)));
                    else if (kind == 1) bytes[start] ^= (byte)(1 << (length % 8));
                    else if (kind == 2) bytes.InsertRange(start, Encoding.UTF8.GetBytes(pieces[piece]));
                    else bytes.InsertRange(start, bytes.GetRange(start, count).ToArray());
                    if (bytes.Count == 0) bytes.Add(0);
                }

                Interlocked.Add(ref served, ServedBy([.. bytes]));
            },
            iter: 30_000);

        // Were every mutant refused, nothing would have been tried.
        Assert.True(served > 1000, $"{served} policies");
    }

    private static int ServedBy(byte[] json)
    {
        var problems = new ProblemList();
        var layer = Layer();
        JsonLayerReader.Read(layer, json, included: false, problems);
        var tree = new ConfigurationTree();
        tree.Add(layer, problems);
        KnownSettings.Check(tree, problems);
        // What is read of the files that are named does not matter here, and none must be opened.
        foreach (var path in tree.Values.Keys.Where(path => path.StartsWith("Tls:", StringComparison.OrdinalIgnoreCase))
            .ToList()) tree.Values.Remove(path);
        var settings = ServiceConfiguration.Load(new LoadedConfiguration(tree, problems, ConfigurationInputs.None, 0),
            null, TimeProvider.System);
        foreach (var problem in problems.Errors.Concat(problems.Warnings))
            Assert.True(Printable.IsPrintable(problem.ToString()), $"not printable: {Printable.Text(problem.ToString(), 1000)}");
        foreach (var policy in settings?.Policies.All ?? [])
        {
            Assert.True(PolicyParser.TryParse(policy.Body.Span, out var read, out var error), error?.ToString());
            Assert.Equal(policy.Policy, read);
            Assert.True(DomainName.TryParse(policy.Host, out var host, out _) && host.Value == policy.Host);
        }

        return settings?.Policies.All.Length ?? 0;
    }

    private static ConfigurationLayer Layer() => new("test.json", Path.GetTempPath());

    private static (ConfigurationLayer Layer, ProblemList Problems) Read(string json)
    {
        var problems = new ProblemList();
        var layer = Layer();
        JsonLayerReader.Read(layer, Encoding.UTF8.GetBytes(json), included: false, problems);
        // Settings of the flat form are judged when layers meet.
        new ConfigurationTree().Add(layer, problems);
        return (layer, problems);
    }
}
