/** Deliveries over all hooks, those with trouble first, or of one hook; and what is done with many at once. */
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { DeliveryTable } from '../parts/delivery-table.tsx';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { HookField } from '../parts/hook-field.tsx';
import { PageFrame } from '../parts/page.tsx';
import type { DeliveryRow } from '../relay/answers.ts';
import { useSignedIn } from '../relay/use-call.ts';
import { useFilters } from '../relay/use-filters.ts';
import { useList } from '../relay/use-list.ts';
import { may } from '../words/permission.ts';
import { count } from '../words/text.ts';

const NAMES = ['status', 'hook', 'type', 'subject'] as const;
const STATUSES = ['pending', 'dead', 'held', 'delivered', 'cancelled', 'skipped'] as const;

export function Deliveries() {
  const { me } = useSignedIn();
  const { chosen, field, choice, apply } = useFilters('/console/deliveries', NAMES);
  const { hook = '', status, type = '', subject = '' } = chosen;
  const list = useList<DeliveryRow>('/v1/deliveries', chosen);

  return (
    <PageFrame title="Deliveries" lead="A delivery is one event for one hook. Hooks in trouble come first.">
      <FilterForm label="Deliveries" onSearch={apply}>
        <ChoiceField
          label="Status"
          {...choice('status')}
          options={[['', 'Any'], ...STATUSES.map((name) => [name, name] as const)]}
        />
        <HookField none="All hooks" {...choice('hook')} />
        <TextField label="Type" type="search" {...field('type')} placeholder="superoffice.contact.*" />
        <TextField label="Subject" type="search" {...field('subject')} placeholder="contact/994863" />
      </FilterForm>
      {may(me.role, 'changeHooks') &&
        (hook === '' ? (
          <p class="faint">To retry or cancel many deliveries at once, choose their hook.</p>
        ) : (
          <Bulk hook={hook} status={status} type={type} subject={subject} onDone={list.reload} />
        ))}
      <DeliveryTable list={list} caption="Deliveries" hookId={hook === '' ? undefined : Number(hook)} />
    </PageFrame>
  );
}

interface BulkProps {
  readonly hook: string;
  readonly status: string | undefined;
  readonly type: string;
  readonly subject: string;
  readonly onDone: () => void;
}

/** For all deliveries of a hook that the filter above shows, on this page and behind it. */
function Bulk({ hook, status = 'pending', type, subject, onDone }: BulkProps) {
  const [result, setResult] = useState('');
  const path = `/v1/hooks/${encodeURIComponent(hook)}`;
  const body = {
    ...(type === '' ? {} : { types: [type] }),
    ...(subject === '' ? {} : { subject }),
  };
  const which = `${status} deliveries of this hook${type === '' && subject === '' ? '' : ' that match the filter'}`;
  const isWaiting = status === 'pending' || status === 'held';
  return (
    <div class="row">
      {status !== 'held' && status !== 'skipped' && (
        <AskButton
          label={status === 'pending' ? 'Retry all pending now' : `Send all ${status} again`}
          title={status === 'pending' ? 'Retry all pending now?' : `Send all ${status} again?`}
          act={async (relay) => {
            const { queued } = await relay.call<{ readonly queued: number }>('POST', `${path}/retry`, {
              body: { ...body, status },
            });
            setResult(`${count(queued, 'delivery is due', 'deliveries are due')} now.`);
          }}
          onDone={onDone}
        >
          <p>
            {status === 'pending'
              ? `All ${which} become due at once and go out in order.`
              : `All ${which} join the end of the queue, with a fresh retry schedule.`}
          </p>
        </AskButton>
      )}
      {isWaiting && (
        <AskButton
          label={`Cancel all ${status}`}
          tone="danger"
          title={`Cancel all ${status}?`}
          act={async (relay) => {
            const { cancelled } = await relay.call<{ readonly cancelled: number }>('POST', `${path}/cancel`, {
              body,
            });
            setResult(`${count(cancelled, 'delivery', 'deliveries')} cancelled.`);
          }}
          onDone={onDone}
        >
          <p>All {which} end without being sent. “Send all cancelled again” brings them back.</p>
        </AskButton>
      )}
      <a class="button" href={`/console/replay?hook=${encodeURIComponent(hook)}`}>
        Replay a time span
      </a>
      <span role="status">{result}</span>
    </div>
  );
}
