using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

public sealed class SqliteStoreTests : StoreContract
{
    private readonly TempFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    private protected override IStore Open() => new SqlStore(new SqliteEngine(_folder["data/store.db"]), Time);
}
