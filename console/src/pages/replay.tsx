/** A part of the log once more for one hook: counted before the click, watched while it runs. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { knownPattern, matches } from '../../../src/core/pattern.ts';
import { AskButton } from '../parts/ask-button.tsx';
import { Badge } from '../parts/badge.tsx';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { HookField } from '../parts/hook-field.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { queryText, type Relay } from '../relay/relay.ts';
import type { Delivery, Envelope, Page, Replay } from '../relay/answers.ts';
import { useAction, useCall, useSignedIn } from '../relay/use-call.ts';
import { patternsIn } from '../words/hook-form.ts';
import { may } from '../words/permission.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 1_500;
/** What is counted before the click is at most this many; beyond it stands “more than”. */
const MOST_PAGES = 5;

export function ReplayPage() {
  const { query, route } = useLocation();
  const { hook = '' } = query;
  return (
    <PageFrame title="Replay" lead="Sends past events to a hook again, or those that it never got.">
      <HookField
        none="choose…"
        value={hook}
        onText={(chosen) => route(`/console/replay${queryText({ hook: chosen })}`, true)}
      />
      {hook !== '' && <OfHook key={hook} hook={hook} />}
    </PageFrame>
  );
}

function OfHook({ hook }: { readonly hook: string }) {
  const { me } = useSignedIn();
  const path = `/v1/hooks/${encodeURIComponent(hook)}/replay`;
  const latest = useCall(path, (relay, signal) => relay.read<Replay>(path, {}, signal), EVERY_MS);
  const isRunning = latest.data?.state === 'running' || (latest.data?.remaining ?? 0) > 0;
  return (
    <>
      {may(me.role, 'changeHooks') && <Start hook={hook} onStarted={latest.reload} />}
      <section aria-labelledby="latest">
        <h2 id="latest">The latest replay of this hook</h2>
        {latest.failure?.code === 'not-found' ? (
          <p class="none">There has been none.</p>
        ) : (
          <Trouble failure={latest.failure} />
        )}
        {latest.data !== undefined && <Progress replay={latest.data} />}
        {isRunning && latest.data?.state === 'running' && may(me.role, 'changeHooks') && (
          <AskButton
            label="Cancel the replay"
            tone="danger"
            act={(relay) => relay.call('DELETE', path)}
            onDone={latest.reload}
          />
        )}
      </section>
    </>
  );
}

function Progress({ replay }: { readonly replay: Replay }) {
  const { remaining, queued, matched } = replay;
  const ended = queued - remaining;
  return (
    <div class="card">
      <p role="status">
        <Badge state={replay.state} /> {matched.toLocaleString('en')} found, {queued.toLocaleString('en')}{' '}
        queued, {ended.toLocaleString('en')} of them ended.
      </p>
      {queued > 0 && (
        <progress max={queued} value={ended} aria-label="Deliveries that have ended">
          {ended} of {queued}
        </progress>
      )}
      <dl class="facts">
        <dt>Which</dt>
        <dd>
          {STATUS_WORDS[replay.status] ?? replay.status}
          {replay.types !== null && (
            <>
              , <Said text={replay.types.join(', ')} most={300} />
            </>
          )}
        </dd>
        <dt>From</dt>
        <dd>
          <When at={replay.from} /> to <When at={replay.to} none="then" />
        </dd>
        <dt>Begun</dt>
        <dd>
          <When at={replay.createdAt} />
          {replay.finishedAt !== null && (
            <>
              , all found <When at={replay.finishedAt} />
            </>
          )}
        </dd>
      </dl>
    </div>
  );
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  dead: 'what went dead',
  any: 'all that has ended, delivered or not',
  missing: 'what this hook never got',
};

interface Wanted {
  readonly from: string;
  readonly to: string;
  readonly types: string;
  readonly status: string;
}

function Start({ hook, onStarted }: { readonly hook: string; readonly onStarted: () => void }) {
  const [wanted, setWanted] = useState<Wanted>(() => ({
    from: localTime(new Date(Date.now() - DAY_MS)),
    to: '',
    types: '',
    status: 'dead',
  }));
  const set = (change: Partial<Wanted>) => setWanted({ ...wanted, ...change });
  const asked = JSON.stringify(wanted);
  const counted = useCall(`count:${hook}:${asked}`, (relay, signal) => count(relay, signal, hook, wanted));
  const starting = useAction(async (relay) => {
    const types = patternsIn(wanted.types);
    await relay.call('POST', `/v1/hooks/${encodeURIComponent(hook)}/replay`, {
      body: {
        from: instant(wanted.from),
        ...(wanted.to === '' ? {} : { to: instant(wanted.to) }),
        ...(types.length === 0 ? {} : { types }),
        status: wanted.status,
      },
    });
    onStarted();
  });
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault();
        void starting.run();
      }}
    >
      <div class="two">
        <ChoiceField
          label="Which"
          value={wanted.status}
          onText={(status) => set({ status })}
          options={Object.entries(STATUS_WORDS)}
        />
        <TextField
          label="Types"
          value={wanted.types}
          onText={(types) => set({ types })}
          placeholder="superoffice.contact.*"
          hint="Patterns with commas. Empty: all."
        />
        <TextField
          label="Received from"
          type="datetime-local"
          isRequired
          value={wanted.from}
          onText={(from) => set({ from })}
        />
        <TextField
          label="Received before"
          type="datetime-local"
          value={wanted.to}
          onText={(to) => set({ to })}
          hint="Empty: now."
        />
      </div>
      <p role="status">
        {counted.data ?? (counted.failure === null ? 'Counting…' : 'They could not be counted.')}
      </p>
      <Trouble failure={starting.failure} />
      <button type="submit" class="primary" disabled={starting.isRunning}>
        Start the replay
      </button>
    </form>
  );
}

/** In words. What has a delivery is counted among those of the hook; what it never got, among the events of that time. */
async function count(relay: Relay, signal: AbortSignal, hook: string, wanted: Wanted): Promise<string> {
  const [from, to] = [instant(wanted.from), wanted.to === '' ? undefined : instant(wanted.to)];
  const isOfTime = (time: string) => time >= from && (to === undefined || time < to);
  const types = patternsIn(wanted.types);
  const isMissing = wanted.status === 'missing';
  let found = 0;
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    if (isMissing) {
      const query = { from, to, type: types.length === 1 ? types[0] : undefined, limit: 200, cursor };
      const read: Page<Envelope> = await relay.read('/v1/events', query, signal);
      found += read.data.filter(({ type }) => fits(types, type)).length;
      cursor = read.nextCursor;
    } else {
      const path = `/v1/hooks/${encodeURIComponent(hook)}/deliveries`;
      const status = wanted.status === 'dead' ? 'dead' : undefined;
      const read: Page<Delivery> = await relay.read(path, { status, limit: 200, cursor }, signal);
      found += read.data.filter(
        ({ createdAt, type, finishedAt }) => finishedAt !== null && isOfTime(createdAt) && fits(types, type),
      ).length;
      cursor = read.nextCursor;
    }
    if (cursor === null) break;
  }
  const amount = `${cursor === null ? '' : 'more than '}${found.toLocaleString('en')}`;
  const isOne = found === 1 && cursor === null;
  if (isMissing)
    return `It looks at ${amount} ${isOne ? 'event' : 'events'} of that time, and queues those that the hook wants and never got.`;
  return `It queues ${amount} ${wanted.status === 'dead' ? 'dead ' : ''}${isOne ? 'delivery' : 'deliveries'}${wanted.status === 'dead' ? '' : ' again'}.`;
}

function fits(patterns: readonly string[], type: string): boolean {
  return patterns.length === 0 || patterns.some((text) => matches(knownPattern(text), type));
}

/** What a field of date and time holds is of this browser's time zone. */
function instant(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? local : time.toISOString();
}

function localTime(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
