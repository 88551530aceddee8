using System.ComponentModel;

namespace MtaStsHost.Configuration;

internal sealed class StorageOptions
{
    [Description("`Sqlite`.")]
    [Choice("Sqlite")]
    public string Provider { get; set; } = "Sqlite";

    [Description("The database file with served policies, certificates and their keys; it and its folder belong to the service's user "
        + "alone.")]
    [Secret(IsPartly = true)]
    public string ConnectionString { get; set; } = "Data Source=data/mtastshost.db";
}
