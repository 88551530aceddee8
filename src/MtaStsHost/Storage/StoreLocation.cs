using MtaStsHost.Configuration;

namespace MtaStsHost.Storage;

/// <summary>Whether the configured store exists, and how it is opened.</summary>
internal static class StoreLocation
{
    extension(StorageSettings settings)
    {
        /// <summary>Whether the store has been made, as far as this user may look.</summary>
        public bool Exists => File.Exists(settings.Path);

        /// <summary>Whether this user may not even look: its folder is for the host's user alone.</summary>
        public bool IsHidden
        {
            get
            {
                try
                {
                    File.GetAttributes(settings.Path);
                    return false;
                }
                catch (UnauthorizedAccessException)
                {
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            }
        }

        /// <summary>For a verb that can't do without it, and finds none.</summary>
        public (string What, string Remedy) WhyNotThere => settings.IsHidden
            ? ($"this user may not look at the store at {settings.Path}", "run it as the host's user, or with sudo")
            : ($"there is no store at {settings.Path}", "check the setting, or start the host, which makes it");

#pragma warning disable CA2000 // The store disposes of its engine.
        public SqlStore Open(TimeProvider time) => new SqlStore(new SqliteEngine(settings.Path), time);
#pragma warning restore CA2000
    }
}
