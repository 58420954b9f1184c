/** Who changed what, and who read a secret. */
import { useState } from 'preact/hooks';
import { TextField } from '../parts/field.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { List } from '../parts/list.tsx';
import { PageFrame } from '../parts/page.tsx';
import { LongText, Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import type { AuditEntry } from '../relay/answers.ts';
import { useAction } from '../relay/use-call.ts';
import { useFilters } from '../relay/use-filters.ts';
import { useList } from '../relay/use-list.ts';

interface Verified {
  readonly ok: boolean;
  readonly entries: number;
  readonly brokenAt: number | null;
}

export function Audit() {
  const { chosen, field, apply } = useFilters('/console/audit', ['actor', 'target']);
  const [verified, setVerified] = useState<Verified | null>(null);
  const list = useList<AuditEntry>('/v1/audit', chosen);
  const verifying = useAction(async (relay) => setVerified(await relay.read<Verified>('/v1/audit/verify')));
  return (
    <PageFrame
      title="Audit"
      lead="Every change of a source, hook, key or switch, and every reading of a secret. Each entry’s hash is over the one before."
      actions={
        <button type="button" disabled={verifying.isRunning} onClick={() => void verifying.run()}>
          Check the chain
        </button>
      }
    >
      <Trouble failure={verifying.failure} />
      <div role="status">
        {verified !== null &&
          (verified.ok ? (
            <p class="good-news">
              All {verified.entries.toLocaleString('en')} entries fit together: none was changed or taken out.
            </p>
          ) : (
            <p class="trouble">
              The chain is broken at entry {verified.brokenAt}: it or the one before was changed or taken out.
            </p>
          ))}
      </div>
      <FilterForm label="Audit" onSearch={apply}>
        <TextField label="Who" type="search" {...field('actor')} placeholder="key_… or admin" />
        <TextField label="What" type="search" {...field('target')} placeholder="hook/7" />
      </FilterForm>
      <List
        list={list}
        caption="Audit"
        isPlain
        keyOf={({ seq }) => seq}
        none={Object.keys(chosen).length === 0 ? 'No entries yet.' : 'No entry matches.'}
        columns={[
          { head: 'When', cell: (entry) => <When at={entry.at} /> },
          {
            head: 'Who',
            cell: (entry) => (
              <>
                <Said text={entry.actor} most={40} />
                {entry.from !== null && (
                  <div class="faint">
                    from <Said text={entry.from} most={60} />
                  </div>
                )}
              </>
            ),
          },
          {
            head: 'What',
            cell: (entry) => (
              <>
                <code>
                  <Said text={entry.call} most={100} />
                </code>
                <Change entry={entry} />
              </>
            ),
          },
          { head: 'Target', isWide: true, cell: (entry) => <Said text={entry.target} most={60} /> },
        ]}
      />
    </PageFrame>
  );
}

function Change({ entry: { before, after, seq, hash } }: { readonly entry: AuditEntry }) {
  if (before === null && after === null) return null;
  return (
    <details>
      <summary>What changed</summary>
      {before !== null && (
        <>
          <h3>Before</h3>
          <LongText text={JSON.stringify(before)} label={`Before entry ${seq}`} />
        </>
      )}
      {after !== null && (
        <>
          <h3>After</h3>
          <LongText text={JSON.stringify(after)} label={`After entry ${seq}`} />
        </>
      )}
      <p class="faint">
        Entry {seq}, hash <code>{hash.slice(0, 16)}…</code>
      </p>
    </details>
  );
}
