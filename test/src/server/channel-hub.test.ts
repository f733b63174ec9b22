import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChannelHub } from '../../../src/server/channel-hub.js';

interface Event {
  readonly event: string;
  readonly owner: string;
}

/** A channel that only remembers what is done to it. */
class FakeChannel {
  count = 0;
  kept = 0;
  ended = false;
  options: string;
  dispatch: ((event: Event) => void) | undefined;
  readonly name: string;

  constructor(name: string, options: string) {
    this.name = name;
    this.options = options;
  }

  get isEmpty(): boolean {
    return this.count === 0 && this.kept === 0;
  }

  configure(options: string): void {
    this.options = options;
  }

  listen(listener: (event: Event) => void): void {
    this.dispatch = listener;
  }

  hold(): void {
    this.dispatch = undefined;
  }
}

type Hub = ChannelHub<FakeChannel, string, (event: Event) => void, Event>;

function newHub(): Hub {
  return new ChannelHub({
    make: (name, options) => new FakeChannel(name, options),
    merge: (options) => options.join('+'),
    listener: (dispatch) => (event) => dispatch(event.owner, event),
    end: (channel) => (channel.ended = true),
  });
}

describe('ChannelHub', () => {
  it('gives several owners of a name the same channel, and each the events of its own clients', () => {
    const hub = newHub();
    const seen: string[] = [];
    const channel = hub.open('a', 'news', '');
    assert.equal(hub.open('b', 'news', ''), channel);
    hub.attach('a', ({ event }) => seen.push(`a ${event}`));
    hub.attach('b', ({ event }) => seen.push(`b ${event}`));
    channel.dispatch?.({ event: 'connect', owner: 'a' });
    channel.dispatch?.({ event: 'connect', owner: 'b' });
    channel.dispatch?.({ event: 'message', owner: 'gone' });
    assert.deepEqual(seen, ['a connect', 'b connect', 'a message']);
  });

  it('merges the settings of those who share a channel, whatever their order, as long as they are there', () => {
    const hub = newHub();
    const detach = hub.attach('a', () => undefined);
    hub.attach('b', () => undefined);
    const channel = hub.open('a', 'news', '1');
    hub.open('b', 'news', '2');
    assert.equal(channel.options, '1+2');
    hub.configure('a', '3');
    assert.equal(channel.options, '3+2');
    hub.hold();
    detach();
    hub.release();
    assert.equal(channel.options, '2');
  });

  it('gives an owner a channel of his own when he wants one, of a name that others may have too', () => {
    const hub = newHub();
    const [one, two] = [hub.openAlone('a', 'room', '1'), hub.openAlone('b', 'room', '2')];
    assert.notEqual(one, two);
    assert.deepEqual([one.options, two.options], ['1', '2']);
    assert.deepEqual(hub.all('room'), [one, two]);
    assert.equal(hub.openAlone('a', 'room', ''), one);
  });

  it('tells watchers of clients that come and go, not of messages', () => {
    const hub = newHub();
    let told = 0;
    const ignore = hub.watch(() => (told += 1));
    const channel = hub.open('a', 'news', '');
    hub.attach('a', () => undefined);
    channel.dispatch?.({ event: 'connect', owner: 'a' });
    channel.dispatch?.({ event: 'message', owner: 'a' });
    channel.dispatch?.({ event: 'disconnect', owner: 'a' });
    assert.equal(told, 2);
    ignore();
    channel.dispatch?.({ event: 'connect', owner: 'a' });
    assert.equal(told, 2);
  });

  it('keeps a channel through a redeploy whose owner comes back, and closes the others', () => {
    const hub = newHub();
    const detach = ['a', 'b'].map((owner) => hub.attach(owner, () => undefined));
    const kept = hub.open('a', 'kept', '');
    const lost = hub.open('b', 'lost', '');
    hub.hold();
    for (const one of detach) one();
    hub.attach('a', () => undefined);
    assert.equal(hub.open('a', 'kept', ''), kept);
    hub.release();
    assert.deepEqual([kept.ended, lost.ended, hub.get('lost')], [false, true, undefined]);
  });

  it('closes the channel a node calls its own no longer', () => {
    const hub = newHub();
    const detach = hub.attach('a', () => undefined);
    const before = hub.open('a', 'before', '');
    const named = hub.named('a', 'room', '');
    named.count = 1;
    hub.hold();
    detach();
    hub.attach('a', () => undefined);
    const after = hub.open('a', 'after', '');
    hub.release();
    assert.deepEqual([before.ended, named.ended, after.ended], [true, false, false]);
    assert.deepEqual(
      hub.channelsOf('a').map(({ name }) => name),
      ['room', 'after'],
    );
  });

  it('lets channels that messages name go when they are empty, and keeps a thousand that hold events', () => {
    const hub = newHub();
    hub.attach('a', () => undefined);
    hub.open('a', 'own', '');
    const busy = hub.named('a', 'busy', '');
    busy.count = 1;
    for (let index = 0; index < 5000; index += 1) hub.named('a', `passing ${index}`, '');
    assert.ok(hub.channels.length <= 4);
    for (let index = 0; index < 3000; index += 1) hub.named('a', `kept ${index}`, '').kept = 1;
    assert.ok(hub.channels.length <= 1003);
    assert.ok(hub.get('own') && hub.get('busy') && hub.get('kept 2999'));
    assert.equal(hub.get('kept 0'), undefined);
  });
});
