namespace MtaStsHost.IntegrationTests; public sealed class T { [Fact] public void A_B_C() => Assert.Equal(1, 1); }
