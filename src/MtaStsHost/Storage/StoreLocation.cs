using MtaStsHost.Configuration;

namespace MtaStsHost.Storage;

/// <summary>Whether the configured store exists, and how it is opened.</summary>
internal static class StoreLocation
{
    extension(StorageSettings settings)
    {
        /// <summary>Whether the store exists, as far as this user can see.</summary>
        public bool Exists => File.Exists(settings.Path);

        /// <summary>Whether this user can't even tell: the folder is for the service's user only.</summary>
        public bool IsHidden
        {
            get
            {
                try
                {
                    File.GetAttributes(settings.Path);
                    return false;
                }
                catch (Exception e) when (e is UnauthorizedAccessException or IOException)
                {
                    return e is UnauthorizedAccessException;
                }
            }
        }

        /// <summary>For a verb that requires the store.</summary>
        public (string What, string Remedy) WhyNotThere => settings.IsHidden
            ? ($"this user may not access the store at {settings.Path}", "run it as the service's user, or with sudo")
            : ($"there is no store at {settings.Path}", "check the setting, or start the service, which creates it");

#pragma warning disable CA2000 // The store disposes of its engine.
        /// <param name="damaged">Gets the rows that can't be read or written.</param>
        public SqlStore Open(TimeProvider time, DamagedRows? damaged = null) => new(new SqliteEngine(settings.Path), time, damaged);
#pragma warning restore CA2000
    }
}
