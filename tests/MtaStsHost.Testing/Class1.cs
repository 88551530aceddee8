namespace MtaStsHost.Testing; internal sealed class Class1;
