/** Deliveries over all hooks, those with trouble first, or of one hook; and what is done with many at once. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { DeliveryTable } from '../parts/delivery-table.tsx';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { PageFrame } from '../parts/page.tsx';
import { queryText } from '../relay/relay.ts';
import type { Delivery, Hook, Page } from '../relay/shapes.ts';
import { useCall, useSignedIn } from '../relay/use-call.ts';
import { useList } from '../relay/use-list.ts';
import { hookTitle } from '../words/attention.ts';
import { may } from '../words/permission.ts';
import { cut, visible } from '../words/text.ts';

const STATUSES = ['pending', 'dead', 'held', 'delivered', 'cancelled', 'skipped'] as const;

export function Deliveries() {
  const { me } = useSignedIn();
  const { query, route } = useLocation();
  const { hook = '', status = '' } = query;
  const [type, setType] = useState(query.type ?? '');
  const [subject, setSubject] = useState(query.subject ?? '');
  const hooks = useCall('hooks', (relay, signal) =>
    relay.read<Page<Hook>>('/v1/hooks', { limit: 200 }, signal),
  );
  // The list of one hook knows no type and no subject.
  const isOfOne = hook !== '' && (query.type ?? '') === '' && (query.subject ?? '') === '';
  const list = useList<Delivery>(
    isOfOne ? `/v1/hooks/${encodeURIComponent(hook)}/deliveries` : '/v1/deliveries',
    isOfOne ? { status } : { status, hook, type: query.type, subject: query.subject },
  );
  const look = (change: Readonly<Record<string, string>>) =>
    route(`/console/deliveries${queryText({ hook, status, type, subject, ...change })}`, true);

  return (
    <PageFrame title="Deliveries" lead="A delivery is one event for one hook.">
      <form
        class="filters"
        role="search"
        aria-label="Deliveries"
        onSubmit={(event) => {
          event.preventDefault();
          look({});
        }}
      >
        <ChoiceField
          label="Status"
          value={status}
          onText={(chosen) => look({ status: chosen })}
          options={[['', 'Any'], ...STATUSES.map((name) => [name, name] as const)]}
        />
        <ChoiceField
          label="Hook"
          value={hook}
          onText={(chosen) => look({ hook: chosen })}
          options={[
            ['', 'All'],
            ...(hook !== '' && hooks.data?.data.every(({ id }) => String(id) !== hook) !== false
              ? [[hook, `Hook ${hook}`] as const]
              : []),
            ...(hooks.data?.data ?? []).map(
              (one) => [String(one.id), `${one.id} · ${visible(cut(hookTitle(one), 40).shown)}`] as const,
            ),
          ]}
        />
        <TextField
          label="Type"
          type="search"
          value={type}
          onText={setType}
          placeholder="superoffice.contact.*"
        />
        <TextField
          label="Subject"
          type="search"
          value={subject}
          onText={setSubject}
          placeholder="contact/994863"
        />
        <button type="submit">Search</button>
      </form>
      {hook !== '' && may(me.role, 'changeHooks') && (
        <Bulk hook={hook} type={query.type ?? ''} subject={query.subject ?? ''} onDone={list.reload} />
      )}
      {!isOfOne && list.failure?.code === 'not-found' ? (
        <p class="none">This relay lists deliveries by hook: choose one.</p>
      ) : (
        <DeliveryTable list={list} caption="Deliveries" hookId={isOfOne ? Number(hook) : undefined} />
      )}
    </PageFrame>
  );
}

interface BulkProps {
  readonly hook: string;
  readonly type: string;
  readonly subject: string;
  readonly onDone: () => void;
}

/** For all pending deliveries of a hook that are of this type and subject. */
function Bulk({ hook, type, subject, onDone }: BulkProps) {
  const path = `/v1/hooks/${encodeURIComponent(hook)}`;
  const body = {
    ...(type === '' ? {} : { types: [type] }),
    ...(subject === '' ? {} : { subject }),
  };
  const which =
    type === '' && subject === ''
      ? 'All pending deliveries of this hook'
      : 'All that are pending and match the filter';
  return (
    <p class="row">
      <AskButton
        label="Retry all pending now"
        title="Retry all pending now?"
        act={(relay) => relay.call('POST', `${path}/retry`, { body })}
        onDone={onDone}
      >
        <p>{which} become due at once, in order. What is dead comes back by a replay.</p>
      </AskButton>
      <AskButton
        label="Cancel all pending"
        tone="danger"
        title="Cancel all pending?"
        act={(relay) => relay.call('POST', `${path}/cancel`, { body })}
        onDone={onDone}
      >
        <p>{which} are not sent any more. A replay with status “any” can bring them back.</p>
      </AskButton>
      <a class="button" href={`/console/replay?hook=${encodeURIComponent(hook)}`}>
        Replay dead ones
      </a>
    </p>
  );
}
