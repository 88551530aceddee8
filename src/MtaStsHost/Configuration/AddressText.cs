namespace MtaStsHost.Configuration;

/// <summary>An address in its usual form. IPAddress also reads "1", "0x7f.1" and "010.0.0.1" (8.0.0.1), which are typing errors.</summary>
internal static class AddressText
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.ContainsAny(['%', '[']) : address.ToString() == text);
}
