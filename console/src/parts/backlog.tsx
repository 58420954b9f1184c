/** What waits for a hook, subject by subject: who is stuck, and behind which delivery. */
import { useState } from 'preact/hooks';
import type { Delivery, Hook, Page } from '../relay/answers.ts';
import type { Relay } from '../relay/relay.ts';
import { useCall } from '../relay/use-call.ts';
import { bySubject, type Waiting } from '../words/backlog.ts';
import { Table } from './list.tsx';
import { Said } from './said.tsx';
import { Trouble } from './trouble.tsx';
import { When } from './when.tsx';

/** Of a longer backlog the newest are looked at. */
const MOST_PAGES = 5;
const PAGE = 200;
const SHOWN = 20;

export function Backlog({ hook }: { readonly hook: Hook }) {
  const [isShown, setShown] = useState(false);
  if (hook.stats.pending === 0) return null;
  return (
    <details class="card" onToggle={(toggled) => setShown(toggled.currentTarget.open)}>
      <summary>Backlog by subject</summary>
      {isShown && <Subjects hook={hook} />}
    </details>
  );
}

function Subjects({ hook: { id, state, stats, ordering } }: { readonly hook: Hook }) {
  const status = state === 'active' ? 'pending' : 'held';
  const { data, failure, reload } = useCall(`backlog:${id}:${status}:${stats.pending}`, (relay, signal) =>
    pendingOf(relay, id, status, signal),
  );
  if (data === undefined)
    return failure === null ? <p class="faint">Loading…</p> : <Trouble failure={failure} onRetry={reload} />;
  const subjects = bySubject(data.deliveries);
  return (
    <>
      <p class="faint">
        {data.isAll ? '' : `Of the newest ${data.deliveries.length.toLocaleString('en')} deliveries. `}
        {ordering === 'subject'
          ? 'Within a subject, the others wait for the oldest one.'
          : ordering === 'fifo'
            ? 'All wait for the oldest one, whatever its subject.'
            : 'No delivery waits for another.'}
      </p>
      <Table
        caption="Backlog by subject"
        rows={subjects.slice(0, SHOWN)}
        keyOf={({ subject }) => subject ?? ''}
        columns={columnsFor(id)}
      />
      {subjects.length > SHOWN && (
        <p class="faint">And {(subjects.length - SHOWN).toLocaleString('en')} more subjects.</p>
      )}
    </>
  );
}

function columnsFor(hookId: number) {
  return [
    {
      head: 'Subject',
      cell: ({ subject }: Waiting) => (subject === null ? 'none' : <Said text={subject} most={80} />),
    },
    {
      head: 'Waiting',
      isNumber: true,
      cell: ({ deliveries }: Waiting) => deliveries.toLocaleString('en'),
    },
    { head: 'Since', cell: ({ first }: Waiting) => <When at={first.createdAt} /> },
    {
      head: 'Oldest delivery',
      cell: ({ first }: Waiting) => (
        <a href={`/console/deliveries/${hookId}/${first.eventId}`}>
          <Said text={first.type} most={60} />
        </a>
      ),
    },
    {
      head: 'Attempts',
      isNumber: true,
      isWide: true,
      cell: ({ first }: Waiting) => first.attempts.toLocaleString('en'),
    },
    {
      head: 'Next',
      isWide: true,
      cell: ({ first }: Waiting) => <When at={first.nextAttemptAt} none="–" />,
    },
  ];
}

async function pendingOf(
  relay: Relay,
  id: number,
  status: string,
  signal: AbortSignal,
): Promise<{ readonly deliveries: readonly Delivery[]; readonly isAll: boolean }> {
  const deliveries: Delivery[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const read: Page<Delivery> = await relay.read(
      `/v1/hooks/${id}/deliveries`,
      { status, limit: PAGE, cursor },
      signal,
    );
    deliveries.push(...read.data);
    cursor = read.nextCursor;
    if (cursor === null) break;
  }
  return { deliveries, isAll: cursor === null };
}
