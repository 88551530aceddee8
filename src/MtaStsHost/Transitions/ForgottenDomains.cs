using MtaStsHost.Runtime;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>Removed domains that <c>history forget</c> has taken out of the ledger: they are given up before their time.</summary>
internal sealed partial class ForgottenDomains(PolicyTransitions serving, IPolicyHistory history, ILogger log)
{
    /// <exception cref="StoreException">The store can't be used; what is forgotten stays noted there.</exception>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var forgotten = await history.ListForgottenAsync(cancellationToken);
        if (forgotten.Count == 0) return;
        serving.Forget(forgotten).Report(Forgotten, MoreForgotten);
        await history.NoteForgottenAsync(forgotten, cancellationToken);
    }

    [LoggerMessage(1816, LogLevel.Information, "{Domain} was forgotten (history forget) and is no longer served")]
    private partial void Forgotten(string domain);

    [LoggerMessage(1817, LogLevel.Information, "More domains were forgotten and are no longer served: {Count}")]
    private partial void MoreForgotten(int count);
}
