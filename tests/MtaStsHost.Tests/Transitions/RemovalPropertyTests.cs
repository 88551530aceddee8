using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Transitions;

/// <summary>Weeks of random edits, restarts, wrong clocks, mounts that vanish and files that move, before each of the five senders.
/// </summary>
public sealed class RemovalPropertyTests
{
    /// <summary>What happens, and how many hours pass after it.</summary>
    private static readonly Gen<(int What, int Hours)[]> s_story =
        Gen.Select(Gen.Int[0, World.Events - 1], Gen.Int[1, 30]).Array[5, 25];

    [Fact]
    public async Task Removal_AnyStory_NoSenderIsLeftWithAPolicyThatWasNotIntended() =>
        await s_story.SampleAsync(
            async story =>
            {
                await using var world = new World();
                await world.PlayAsync(story);
            },
            iter: 15, threads: 1);

    /// <summary>The service with its store, DNS, and an operator who does not always do what the documentation says.</summary>
    private sealed class World : IAsyncDisposable
    {
        public const int Events = 14;

        private const int MaxAge = 2 * 86_400;

        private readonly FakeTimeProvider _right = new(Start);
        private readonly IssuingTime _clock;
        private readonly ConfigurationFixture _fixture;
        private readonly ModelSender[] _senders = [.. Enum.GetValues<SenderKind>().Select(kind => new ModelSender(kind))];
        private SqlStore? _store;
        private ServedPolicies _served = new();
        private PolicyTransitions? _transitions;
        private RecordSightings _sightings = new();
        private PolicyRecorder? _recorder;

        private ServedPolicy? _configured = Served(PolicyMode.Enforce, maxAge: MaxAge);
        private bool _isFolderMissing;
        private string? _txt;
        private bool _isDnsUp = true;

        /// <summary>Since when the operator does not want the domain any more; <c>null</c>: wants it.</summary>
        private DateTimeOffset? _unwantedSince;

        /// <summary>It stays so while a domain that is wanted again can't be seen.</summary>
        private bool _wasNone;

        public World()
        {
            _clock = new IssuingTime(_right);
            _fixture = new ConfigurationFixture(Json.With("{}")) { Time = _clock };
        }

        public async ValueTask DisposeAsync()
        {
            _recorder?.Dispose();
            if (_store is not null) await _store.DisposeAsync();
            _fixture.Dispose();
        }

        public async Task PlayAsync((int What, int Hours)[] story)
        {
            await StartAsync();
            _txt = Current?.Id.Value;
            foreach (var (what, hours) in story)
            {
                await HappenAsync(what);
                for (var hour = 0; hour < hours; hour++) await PassAsync();
            }

            await EndAsync();
        }

        private ServedPolicy? Current => _served.Current.TryFind("mta-sts.example.com", out var policy) ? policy : null;

        private async Task HappenAsync(int what)
        {
            switch (what)
            {
                case 0: Want(Served(PolicyMode.Enforce, maxAge: MaxAge)); break;
                case 1: Want(Served(PolicyMode.Testing, "mx2.example.com", MaxAge / 2)); break;
                case 2: Want(Served(PolicyMode.None, maxAge: 86_400)); break;
                case 3 or 4: Remove(); break;
                case 5: await MoveAsync(); break;
                case 6: _isFolderMissing = true; await RestartAsync(); break; // before the mount is there
                case 7: _isFolderMissing = false; Configure(); break;
                case 8 or 9: _txt = Current?.Id.Value ?? _txt; break; // as the documentation says
                case 10: _txt = null; break;
                case 11: _isDnsUp = !_isDnsUp; break;
                case 12: await RestartAsync(); break;
                default: await SetClockAsync(); break;
            }
        }

        private void Want(ServedPolicy policy)
        {
            _configured = policy;
            // Mode none is intended from now on; senders hold the earlier policy all the same.
            _unwantedSince = policy.Policy.Mode == PolicyMode.None ? _right.GetUtcNow() - Departure.Grace : null;
            Configure();
        }

        private void Remove()
        {
            _configured = null;
            _unwantedSince ??= _right.GetUtcNow();
            Configure();
        }

        /// <summary>From one file to another, with a gap.</summary>
        private async Task MoveAsync()
        {
            var configured = _configured;
            _configured = null;
            Configure();
            await _recorder!.RoundAsync(CancellationToken.None);
            SendAll();
            _configured = configured;
            Configure();
        }

        /// <summary>Wrong across a restart; for under an hour after it, since a clock that goes on evenly for so long is trusted.</summary>
        private async Task SetClockAsync()
        {
            _clock.WrongBy = TimeSpan.FromDays(_right.GetUtcNow().Hour % 2 == 0 ? 400 : -400);
            await PassAsync();
            await RestartAsync();
            await PassAsync(TimeSpan.FromMinutes(50));
            _clock.WrongBy = TimeSpan.Zero;
        }

        private void Configure()
        {
            var isSeen = _configured is not null && !_isFolderMissing;
            _transitions!.Configure(isSeen ? new PolicySnapshot([_configured!]) : PolicySnapshot.Empty,
                TransitionSettings.Default with { IsFolderMissing = _isFolderMissing });
        }

        private async Task StartAsync()
        {
            var storage = _fixture.ReadGood().Settings.Storage;
            _store = storage.Open(_clock);
            (_served, _sightings) = (new ServedPolicies(), new RecordSightings());
            _transitions = new PolicyTransitions(_served, new MxVerdicts(), _clock, NullLogger<PolicyTransitions>.Instance);
            Configure();
            _recorder = new PolicyRecorder(_served, _transitions, _sightings, _store, storage,
                new StoreHealth(), new BackgroundLoops(_clock), _clock,
                NullLogger<PolicyRecorder>.Instance);
            await _recorder.ReadPastAsync(CancellationToken.None);
            await _recorder.RoundAsync(CancellationToken.None);
        }

        /// <summary>As kill -9 does: nothing more is written.</summary>
        private async Task RestartAsync()
        {
            _recorder!.Dispose();
            await _store!.DisposeAsync();
            await StartAsync();
            Check();
        }

        private async Task PassAsync(TimeSpan? span = null)
        {
            _right.Advance(span ?? TimeSpan.FromHours(1));
            var record = !_isDnsUp ? SeenRecord.Unknown : _txt is null ? SeenRecord.None
                : _txt == Current?.Id.Value ? SeenRecord.Current : SeenRecord.Other;
            _sightings.Note(Seen(_clock.GetUtcNow(), record, Current?.Id.Value));
            await _recorder!.RoundAsync(CancellationToken.None);
            SendAll();
            Check();
        }

        private void SendAll()
        {
            foreach (var sender in _senders) sender.Send(new SenderView(_txt, _isDnsUp, Current?.Policy), _right.GetUtcNow());
        }

        private void Check()
        {
            var now = _right.GetUtcNow();
            // Those that hold a binding policy would not hear that it is over.
            if (Current is null) Assert.DoesNotContain(_senders, sender => sender.Held(now) is { Mode: not PolicyMode.None });
            // What only looks like a removal, such as a folder that can't be seen, takes no policy away; and neither does a mistake that
            // is corrected within the TTL of the record. Where no sender holds one, as after a domain was given up, there is none to take:
            // by a clock that is behind, such a domain is in mode none once more.
            var isNone = Current is { RetiredUntil: not null };
            var isTaken = isNone && !_wasNone && _senders.Any(sender => sender.Held(now) is { Mode: not PolicyMode.None });
            if (isTaken) Assert.True(_unwantedSince + Departure.Grace <= now, "mode none comes too early");
            _wasNone = isNone;
        }

        /// <summary>Once the operator does what the documentation says, it comes to an end.</summary>
        private async Task EndAsync()
        {
            (_isDnsUp, _isFolderMissing, _txt) = (true, false, null);
            Remove();
            var longest = TimeSpan.FromSeconds(MaxAge) + (8 * Departure.Grace);
            for (var hour = 0; hour < longest.TotalHours; hour++) await PassAsync();
            Assert.Null(Current);
            Assert.DoesNotContain(_senders, sender => sender.Held(_right.GetUtcNow()) is { Mode: not PolicyMode.None });
        }
    }
}
