namespace MtaSts.Tests;

public sealed class PolicyModesTests
{
    [Theory]
    [InlineData("none", PolicyMode.None)]
    [InlineData("testing", PolicyMode.Testing)]
    [InlineData("enforce", PolicyMode.Enforce)]
    public void TryParse_Word_IsMode(string text, PolicyMode expected)
    {
        Assert.True(PolicyModes.TryParse(text, out var mode));
        Assert.Equal(expected, mode);
        Assert.Equal(text, PolicyModes.ToText(mode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Enforce")]
    [InlineData("TESTING")]
    [InlineData("report")]
    [InlineData("none ")]
    [InlineData(" none")]
    [InlineData("enforced")]
    [InlineData("0")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(PolicyModes.TryParse(text, out _));

    [Fact]
    public void ToText_UnknownValue_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => PolicyModes.ToText((PolicyMode)3));
}
