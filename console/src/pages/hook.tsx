/** One hook: what it does now, why it waits, what it could not deliver, and what can be done about it. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { Backlog } from '../parts/backlog.tsx';
import { Badge } from '../parts/badge.tsx';
import { DeliveryTable } from '../parts/delivery-table.tsx';
import { HookCharts } from '../parts/hook-charts.tsx';
import { HookConfiguration } from '../parts/hook-configuration.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { etagOf } from '../relay/relay.ts';
import type { DeliveryRow, Hook, TestResult } from '../relay/answers.ts';
import { useAction, useCall, useSignedIn } from '../relay/use-call.ts';
import { type Listed, useList } from '../relay/use-list.ts';
import { hookTitle, isFailing } from '../words/attention.ts';
import { may } from '../words/permission.ts';
import { attemptWords, disabledWords, errorWords, waitingWords } from '../words/reason.ts';
import { milliseconds } from '../words/time.ts';

const EVERY_MS = 5_000;

export function HookPage({ id }: { readonly id: string }) {
  const { me } = useSignedIn();
  const path = `/v1/hooks/${encodeURIComponent(id)}`;
  const {
    data: hook,
    failure,
    reload,
  } = useCall(path, (relay, signal) => relay.read<Hook>(path, {}, signal), EVERY_MS);
  const list = useList<DeliveryRow>('/v1/deliveries', { hook: id, limit: 10 }, EVERY_MS);
  if (hook === undefined) {
    return (
      <PageFrame title={`Hook ${id}`}>
        <Trouble failure={failure} onRetry={reload} />
      </PageFrame>
    );
  }
  const isChanging = may(me.role, 'changeHooks');
  return (
    <PageFrame
      title={<Said text={hookTitle(hook)} most={80} />}
      windowTitle={`Hook ${hook.id}`}
      lead={
        <>
          Hook {hook.id} · <Said text={hook.url} most={200} />
        </>
      }
      actions={isChanging && <Actions hook={hook} onDone={reload} />}
    >
      <Trouble failure={failure} onRetry={reload} />
      <Now hook={hook} list={list} />
      {isChanging && <TestCall hook={hook} onDone={list.reload} />}
      <Backlog hook={hook} />
      <Recent hook={hook} list={list} />
      {may(me.role, 'readTenant') && <HookCharts id={hook.id} />}
      <HookConfiguration hook={hook} />
    </PageFrame>
  );
}

function Actions({ hook, onDone }: { readonly hook: Hook; readonly onDone: () => void }) {
  const { route } = useLocation();
  const path = `/v1/hooks/${hook.id}`;
  return (
    <>
      {hook.state === 'active' ? (
        <AskButton label="Pause" act={(relay) => relay.call('POST', `${path}/pause`)} onDone={onDone} />
      ) : (
        <AskButton
          label="Resume"
          tone="primary"
          act={(relay) => relay.call('POST', `${path}/resume`)}
          onDone={onDone}
        />
      )}
      {hook.superoffice === null && (
        <a class="button" href={`/console/hooks/${hook.id}/edit`}>
          Edit
        </a>
      )}
      <a class="button" href={`/console/replay?hook=${hook.id}`}>
        Replay
      </a>
      <AskButton
        label="Delete"
        tone="danger"
        title="Delete this hook?"
        act={(relay) => relay.call('DELETE', path, { ifMatch: etagOf(hook) })}
        onDone={() => route('/console/hooks')}
      >
        <p>
          No attempt starts from then on, and {hook.stats.pending.toLocaleString('en')} pending deliveries are
          not made. To hold them back for a while, pause it.
        </p>
      </AskButton>
    </>
  );
}

/** Why nothing goes out, or that it does. */
function Now({ hook, list }: { readonly hook: Hook; readonly list: Listed<DeliveryRow> }) {
  const { stats, waiting, state, stateReason } = hook;
  return (
    <section class="card" aria-labelledby="now">
      <h2 id="now" class="unseen">
        Now
      </h2>
      <p>
        <Badge state={isFailing(hook) ? 'failing' : state} />{' '}
        {state === 'disabled' && `It is disabled: ${disabledWords(stateReason)}. `}
        {waiting === null ? state === 'active' && activeWords(hook) : `${waitingWords(waiting.reason)} `}
        {waiting?.until !== undefined && waiting.until !== null && (
          <>
            The earliest is <When at={waiting.until} />.
          </>
        )}
      </p>
      <dl class="facts">
        <dt>Pending</dt>
        <dd>{stats.pending.toLocaleString('en')}</dd>
        <dt>Delivered</dt>
        <dd>{stats.delivered.toLocaleString('en')}</dd>
        <dt>Dead</dt>
        <dd>{stats.dead.toLocaleString('en')}</dd>
        <dt>Failures in a row</dt>
        <dd>{stats.consecutiveFailures.toLocaleString('en')}</dd>
        <dt>Last success</dt>
        <dd>
          <When at={stats.lastSuccessAt} />
        </dd>
        <dt>Last failure</dt>
        <dd>
          <When at={stats.lastFailureAt} />
          <LastFailure hook={hook} list={list} />
        </dd>
      </dl>
    </section>
  );
}

function TestCall({ hook, onDone }: { readonly hook: Hook; readonly onDone: () => void }) {
  const [result, setResult] = useState<TestResult | null>(null);
  const action = useAction(async (relay) => {
    setResult(await relay.call<TestResult>('POST', `/v1/hooks/${hook.id}/test`));
    onDone();
  });
  return (
    <section aria-label="Test">
      <p class="row">
        <button type="button" disabled={action.isRunning} onClick={() => void action.run()}>
          {action.isRunning ? 'Sending…' : 'Send a test event'}
        </button>
        <span role="status">
          {result !== null && (
            <>
              <Badge state={result.delivered ? 'delivered' : 'failed'} />{' '}
              {attemptWords(result.statusCode, result.error)} after {milliseconds(result.durationMs)}.
            </>
          )}
        </span>
      </p>
      <Trouble failure={action.failure} />
    </section>
  );
}

function Recent({ list, hook }: { readonly list: Listed<DeliveryRow>; readonly hook: Hook }) {
  const { me } = useSignedIn();
  return (
    <section aria-labelledby="recent">
      <h2 id="recent">Newest deliveries</h2>
      <DeliveryTable list={list} hookId={hook.id} caption="Newest deliveries" />
      <p class="row">
        <a href={`/console/deliveries?hook=${hook.id}`}>All deliveries of this hook</a>
        {may(me.role, 'readTenant') && (
          <a href={`/console/events?hook=${hook.id}`}>Why did it not get an event?</a>
        )}
      </p>
    </section>
  );
}

function activeWords(hook: Hook): string {
  if (!isFailing(hook)) return 'It delivers.';
  return hook.stats.pending > 0
    ? 'The last attempts all failed. Each delivery waits for its next one by the retry schedule.'
    : 'The last attempts all failed. Nothing waits now; the next event is tried as usual.';
}

/** The newest attempt that failed, of the deliveries that are shown. */
function LastFailure({ list, hook }: { readonly list: Listed<DeliveryRow>; readonly hook: Hook }) {
  const { lastError } = hook.stats;
  if (lastError === null) return null;
  const row = list.items.find((one) => typeof one.lastError === 'string');
  if (row === undefined) return <>: {errorWords(lastError)}</>;
  return (
    <>
      :{' '}
      <a href={`/console/deliveries/${hook.id}/${row.eventId}`}>
        {attemptWords(row.lastStatusCode ?? null, row.lastError ?? null)}
      </a>
    </>
  );
}
