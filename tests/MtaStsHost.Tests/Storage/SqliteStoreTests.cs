using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

public sealed class SqliteStoreTests : StoreContract
{
    private readonly TempFolder _folder = new();

    private protected override IStore Create(TimeProvider time) => new StorageSettings(_folder["data/store.db"]).Open(time);

    private protected override ValueTask CleanAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
