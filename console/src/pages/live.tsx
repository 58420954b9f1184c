/** What arrives, as it arrives. Only the newest are kept, and of each only what is shown. */
import { ClosedError } from '../../../client/posthorn.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Badge } from '../parts/badge.tsx';
import { TextField } from '../parts/field.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { HookField } from '../parts/hook-field.tsx';
import { Table } from '../parts/list.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { failureIn, type Failure } from '../relay/failure.ts';
import type { TailFrame } from '../relay/answers.ts';
import { useSignedIn } from '../relay/use-call.ts';
import { useFilters } from '../relay/use-filters.ts';
import { patternsIn } from '../words/hook-form.ts';
import { attemptWords } from '../words/reason.ts';
import { cut } from '../words/text.ts';
import { clockTime, milliseconds } from '../words/time.ts';

const KEPT = 200;
/** Frames are shown in bunches: a page that is drawn at every event stalls at two hundred a second. */
const SHOWN_EVERY_MS = 250;

interface Row {
  readonly n: number;
  readonly at: string;
  readonly eventId: string;
  readonly what: string;
  readonly subject: string;
  readonly outcome: string | null;
}

export function Live() {
  const { chosen, field, choice, apply } = useFilters('/console/live', ['types', 'hook']);
  const { types = '', hook = '' } = chosen;
  return (
    <PageFrame
      title="Live"
      lead="Events as they arrive; of a hook, the events that it gets and its attempts."
    >
      <FilterForm label="Live" button="Watch" onSearch={apply}>
        <TextField label="Types" type="search" {...field('types')} placeholder="superoffice.contact.*" />
        <HookField none="Every event" {...choice('hook')} />
      </FilterForm>
      <Stream key={JSON.stringify(chosen)} types={types} hook={hook} />
    </PageFrame>
  );
}

type State =
  { readonly kind: 'connecting' | 'watching' } | { readonly kind: 'lost' | 'over'; readonly detail: string };

function Stream({ types, hook }: { readonly types: string; readonly hook: string }) {
  const { relay } = useSignedIn();
  const [state, setState] = useState<State>({ kind: 'connecting' });
  const [failure, setFailure] = useState<Failure | null>(null);
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [isPaused, setPaused] = useState(false);
  const [held, setHeld] = useState(0);
  const paused = useRef(false);
  paused.current = isPaused;
  const arrived = useRef<Row[]>([]);

  useEffect(() => {
    const leaving = new AbortController();
    let n = 0;
    const watch = async () => {
      const patterns = patternsIn(types);
      // A socket that is refused says no reason to a browser; the same call without one does.
      await reachable(() => relay.fetch('GET', '/v1/tail', { signal: leaving.signal }));
      const frames = relay.client.tail({
        types: patterns,
        hook: hook === '' ? undefined : Number(hook),
        signal: leaving.signal,
        onReady: () => setState({ kind: 'watching' }),
        onState: (now) =>
          setState(now.kind === 'lost' ? { kind: 'lost', detail: now.detail } : { kind: 'connecting' }),
      });
      for await (const frame of frames) {
        n += 1;
        arrived.current.push(rowOf(frame, n));
        if (arrived.current.length > KEPT) arrived.current.splice(0, arrived.current.length - KEPT);
      }
    };
    watch().catch((error: unknown) => {
      if (leaving.signal.aborted) return;
      if (error instanceof ClosedError) setState({ kind: 'over', detail: error.message });
      else setFailure(failureIn(error));
    });
    const timer = setInterval(() => {
      const bunch = arrived.current;
      if (paused.current) {
        setHeld(bunch.length);
        return;
      }
      if (bunch.length === 0) return;
      arrived.current = [];
      setHeld(0);
      setRows((before) => [...bunch.toReversed(), ...before].slice(0, KEPT));
    }, SHOWN_EVERY_MS);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [relay, types, hook]);

  if (failure !== null) {
    return failure.code === 'not-found' ? (
      <p class="none">This relay has no live view.</p>
    ) : (
      <Trouble failure={failure} />
    );
  }
  return (
    <>
      <p class="row">
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Go on' : 'Pause'}
        </button>
        <span role="status">
          {isPaused
            ? `Paused; ${held.toLocaleString('en')}${held === KEPT ? ' or more' : ''} have arrived since.`
            : WORDS[state.kind]}
          {!isPaused && 'detail' in state && ` ${state.detail}`}
        </span>
      </p>
      {rows.length === 0 ? (
        <p class="none">Nothing yet.</p>
      ) : (
        <Table
          caption="Live events"
          isPlain
          rows={rows}
          keyOf={({ n }) => n}
          columns={[
            { head: 'When', cell: (row) => <time dateTime={row.at}>{clockTime(row.at)}</time> },
            {
              head: 'What',
              cell: (row) => (
                <a href={`/console/events/${row.eventId}${hook === '' ? '' : `?hook=${hook}`}`}>
                  <Said text={row.what} most={80} />
                </a>
              ),
            },
            { head: 'Subject', cell: (row) => <Said text={row.subject} most={60} /> },
            ...(hook === ''
              ? []
              : [
                  {
                    head: 'Outcome',
                    cell: (row: Row) => row.outcome !== null && <Badge state={row.outcome} />,
                  },
                ]),
          ]}
        />
      )}
    </>
  );
}

const WORDS: Readonly<Record<State['kind'], string>> = {
  connecting: 'Connecting…',
  watching: 'Watching.',
  lost: 'The connection was lost; connecting again. Nothing is left out.',
  over: 'The relay has ended it.',
};

/** 426 is the answer of a call that wants to be a socket. */
async function reachable(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const failure = failureIn(error);
    if (failure.status !== 426) throw error;
  }
}

function rowOf(frame: TailFrame, n: number): Row {
  if (frame.kind === 'event') {
    const { posthornid, type, subject, recordedtime } = frame.event;
    return {
      n,
      at: recordedtime,
      eventId: posthornid,
      what: kept(type),
      subject: kept(subject ?? '–'),
      outcome: null,
    };
  }
  const { eventId, number, outcome, statusCode, error, durationMs } = frame;
  const what = `Attempt ${number}: ${attemptWords(statusCode, error)} after ${milliseconds(durationMs)}`;
  return { n, at: new Date().toISOString(), eventId, what, subject: eventId, outcome };
}

/** Of a text that may be long: no row holds the whole of it. */
function kept(text: string): string {
  return cut(text, 200).shown;
}
