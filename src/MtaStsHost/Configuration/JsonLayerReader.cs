using System.Text.Unicode;

namespace MtaStsHost.Configuration;

/// <summary>
/// Reads one JSON file into a layer. Not ASP.NET Core's provider and binder: those know no line numbers, and the binder's cost
/// grows with the square of the number of sections, which 100,000 domains would turn into minutes.
/// Comments and trailing commas are allowed, as there; keys given twice are refused.
/// </summary>
internal ref struct JsonLayerReader(ConfigurationLayer layer, ReadOnlySpan<byte> json, bool included, ProblemList problems)
{
    private const string DomainsPath = "MtaSts:Domains";
    private const string DefaultsPath = "MtaSts:Defaults";

    private readonly ReadOnlySpan<byte> _json = json;
    // of one domain; one for all of them, since there may be 100,000
    private readonly Dictionary<string, int> _keys = new(StringComparer.OrdinalIgnoreCase);
    private Utf8JsonReader _reader = new(json,
        new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
    private int _countedTo;
    private int _line = 1;

    /// <summary>Fills the layer; what can't be read is reported, and what stands before it is kept so that its errors are found
    /// too.</summary>
    /// <param name="included">The file is one of <c>MtaSts:Include</c>: its outermost object may be the content of <c>MtaSts</c>.</param>
    public static void Read(ConfigurationLayer layer, ReadOnlySpan<byte> json, bool included, ProblemList problems)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble)) json = json[Encoding.UTF8.Preamble.Length..];
        if (FindInvalidUtf8(json) is { } offset)
        {
            var line = json[..offset].Count((byte)'\n') + 1;
            problems.Error("", new Origin(layer.Source, line), $"byte {offset} is not valid UTF-8", "save the file as UTF-8");
            return;
        }

        if (json.TrimStart(" \t\r\n"u8).IsEmpty)
        {
            // Never taken for a file without domains: a full disk leaves such files too, and their domains must go on being served.
            problems.Error("", new Origin(layer.Source, 0), "the file is empty", "write at least {} into it");
            return;
        }

        var reader = new JsonLayerReader(layer, json, included, problems);
        try
        {
            reader.ReadRoot();
        }
        catch (JsonException e)
        {
            // The framework's message ends with its own account of the position, which starts at 0.
            var message = e.Message;
            var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            if (end > 0) message = message[..end];
            if (message.StartsWith("Expected depth to be zero", StringComparison.Ordinal)) message =
                "the file ends before all of its { and [ are closed";
            problems.Error("", new Origin(layer.Source, (int)(e.LineNumber ?? 0) + 1),
                $"not valid JSON at byte {e.BytePositionInLine + 1} of the line: {Printable.Text(message.TrimEnd('.'))}",
                    "fix the JSON there");
        }
    }

    private static int? FindInvalidUtf8(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes)) return null;
        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == System.Buffers.OperationStatus.Done) offset += length;
        return offset;
    }

    private void ReadRoot()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            problems.Error("", Here(), "the file must hold a JSON object", "start it with { and end it with }");
            return;
        }

        ReadObject("");
        _reader.Read(); // throws when anything follows the object
    }

    private void ReadObject(string path)
    {
        if (path.Equals(DomainsPath, StringComparison.OrdinalIgnoreCase))
        {
            ReadDomains();
            return;
        }

        if (path.Equals(DefaultsPath, StringComparison.OrdinalIgnoreCase))
        {
            ReadDomain(path, layer.Defaults ??= new DomainSettings(Here()));
            return;
        }

        Dictionary<string, int>? seen = null;
        var line = Line();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = Text();
            var child = Combine(path, key);
            seen ??= new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
            if (!seen.TryAdd(key, Line())) Twice(child, seen[key]);
            _reader.Read();
            ReadValue(child);
        }

        if (seen is null && path.Length > 0) layer.Values[path] = new SettingValue(null, SettingKind.EmptyObject, layer, line);
    }

    private void ReadValue(string path)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                ReadObject(path);
                break;
            case JsonTokenType.Null when IsDomainsOrDefaults(path):
                break;
            case not JsonTokenType.Null when IsDomainsOrDefaults(path):
                problems.Error(path, Here(), "must be an object", "write { } around its entries");
                _reader.Skip();
                break;
            case JsonTokenType.StartArray:
                var line = Line();
                var index = 0;
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray) ReadValue($"{path}:{index++}");
                if (index == 0) layer.Values[path] = new SettingValue(null, SettingKind.EmptyList, layer, line);
                break;
            default:
                layer.Values[path] = Scalar();
                break;
        }
    }

    private static bool IsDomainsOrDefaults(string path) =>
        path.Equals(DomainsPath, StringComparison.OrdinalIgnoreCase) || path.Equals(DefaultsPath, StringComparison.OrdinalIgnoreCase);

    private void ReadDomains()
    {
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = Text();
            var line = Line();
            var path = $"{DomainsPath}:{key}";
            _reader.Read();
            var settings = new DomainSettings(new Origin(layer.Source, line)) { IsRemoval = _reader.TokenType == JsonTokenType.Null };
            if (!layer.Domains.TryAdd(key, settings)) Twice(path, layer.Domains[key].Origin.Line, line);
            if (settings.IsRemoval) continue;
            if (_reader.TokenType == JsonTokenType.StartObject)
            {
                ReadDomain(path, settings);
            }
            else
            {
                problems.Error(path, Here(), "must be an object",
                    "write { } with the domain's settings in it; { } alone takes the defaults");
                _reader.Skip();
            }
        }
    }

    /// <param name="section">The section of the domain that the keys stand in, with its colon; empty: none.</param>
    private void ReadDomain(string path, DomainSettings settings, string section = "")
    {
        if (section.Length == 0) _keys.Clear();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = section + Text();
            if (!_keys.TryAdd(key, Line())) Twice($"{path}:{key}", _keys[key]);
            _reader.Read();
            switch (_reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    ReadList(path, key, settings);
                    break;
                case JsonTokenType.StartObject when DomainSettings.IsSection(key):
                    ReadDomain(path, settings, key + ":");
                    break;
                case JsonTokenType.StartObject:
                    settings.Set(path, key, null, new SettingValue(null, SettingKind.EmptyObject, layer, Line()), problems);
                    _reader.Skip();
                    break;
                default:
                    settings.Set(path, key, null, Scalar(), problems);
                    break;
            }
        }
    }

    private void ReadList(string path, string key, DomainSettings settings)
    {
        var line = Line();
        var index = 0;
        var takesList = DomainSettings.TakesList(key);
        if (!takesList) _reader.Skip(); // one error for the key, not one per entry
        while (takesList && _reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (index > DomainSettings.MaxIndex + 1)
            {
                _reader.Skip(); // the first entry too many has its error
            }
            else if (_reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                problems.Error($"{path}:{key}:{index}", Here(), "must be text", "write it in quotation marks");
                _reader.Skip();
            }
            else
            {
                settings.Set(path, key, index.ToString(CultureInfo.InvariantCulture), Scalar(), problems);
            }

            index++;
        }

        if (index == 0) settings.Set(path, key, null, new SettingValue(null, SettingKind.EmptyList, layer, line), problems);
    }

    private SettingValue Scalar() => _reader.TokenType switch
    {
        JsonTokenType.Null => new SettingValue(null, SettingKind.Null, layer, Line()),
        JsonTokenType.String => new SettingValue(Text(), SettingKind.Text, layer, Line()),
        _ => new SettingValue(Encoding.UTF8.GetString(_reader.ValueSpan), SettingKind.Text, layer, Line()),
    };

    private string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escape of half a surrogate pair (\uD800): valid JSON, but no text.
            problems.Error("", Here(), "has an escape that is not a character", "write the character itself");
            return "";
        }
    }

    private string Combine(string path, string key)
    {
        if (path.Length > 0) return $"{path}:{key}";
        var bare = included && (key.Equals("Domains", StringComparison.OrdinalIgnoreCase)
            || key.Equals("Defaults", StringComparison.OrdinalIgnoreCase));
        return bare ? $"MtaSts:{key}" : key;
    }

    private void Twice(string path, int firstLine, int? line = null) =>
        problems.Error(path, new Origin(layer.Source, line ?? Line()),
            $"is listed twice; the first is on line {firstLine}", "keep one of them");

    private Origin Here() => new(layer.Source, Line());

    /// <summary>The line of the current token; counts on from the last one asked for, so the whole file is counted once.</summary>
    private int Line()
    {
        var position = (int)_reader.TokenStartIndex;
        _line += _json[_countedTo..position].Count((byte)'\n');
        _countedTo = position;
        return _line;
    }
}
