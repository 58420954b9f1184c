/** One hook: what it does now, why it waits, what it could not deliver, and what can be done about it. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { Badge } from '../parts/badge.tsx';
import { Chart, type Line } from '../parts/chart.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { DeliveryTable } from '../parts/delivery-table.tsx';
import { LongText, Said } from '../parts/said.tsx';
import { PageFrame } from '../parts/page.tsx';
import { SecretButton } from '../parts/secret-button.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { etagOf } from '../relay/relay.ts';
import type { DeliveryRow, Hook, Series, TestResult } from '../relay/answers.ts';
import { useAction, useCall, useSignedIn } from '../relay/use-call.ts';
import { useList } from '../relay/use-list.ts';
import { hookTitle } from '../words/attention.ts';
import { may } from '../words/permission.ts';
import { attemptWords, disabledWords, errorWords, waitingWords } from '../words/reason.ts';
import { milliseconds, scheduleWords, span } from '../words/time.ts';

const EVERY_MS = 5_000;
const DAY_MS = 86_400_000;
const OUTCOMES: readonly Line[] = [
  { metric: 'delivered', label: 'Delivered', color: '--line-2' },
  { metric: 'failed', label: 'Failed attempts', color: '--line-3' },
];
const LATENCY: readonly Line[] = [
  { metric: 'durationP50Ms', label: 'Median, ms', color: '--line-1' },
  { metric: 'durationP95Ms', label: '95 of 100, ms', color: '--line-3' },
];

export function HookPage({ id }: { readonly id: string }) {
  const { me } = useSignedIn();
  const path = `/v1/hooks/${encodeURIComponent(id)}`;
  const {
    data: hook,
    failure,
    reload,
  } = useCall(path, (relay, signal) => relay.read<Hook>(path, {}, signal), EVERY_MS);
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
      <Now hook={hook} />
      {isChanging && <TestCall hook={hook} />}
      <Recent hook={hook} />
      <OverTime id={hook.id} />
      <Configuration hook={hook} />
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
function Now({ hook }: { readonly hook: Hook }) {
  const { stats, waiting, state, stateReason } = hook;
  return (
    <section class="card" aria-labelledby="now">
      <h2 id="now" class="unseen">
        Now
      </h2>
      <p>
        <Badge state={waiting?.reason === 'failing' ? 'failing' : state} />{' '}
        {state === 'disabled' && `It is disabled: ${disabledWords(stateReason)}. `}
        {waiting === null ? state === 'active' && 'It delivers.' : `${waitingWords(waiting.reason)} `}
        {waiting?.until !== undefined && waiting.until !== null && (
          <>
            Until <When at={waiting.until} /> at the least.
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
        <dd>
          {stats.consecutiveFailures.toLocaleString('en')}
          {stats.lastError !== null && `, the last one: ${errorWords(stats.lastError)}`}
        </dd>
        <dt>Last success</dt>
        <dd>
          <When at={stats.lastSuccessAt} />
        </dd>
        <dt>Last failure</dt>
        <dd>
          <When at={stats.lastFailureAt} />
        </dd>
      </dl>
    </section>
  );
}

function TestCall({ hook }: { readonly hook: Hook }) {
  const [result, setResult] = useState<TestResult | null>(null);
  const action = useAction(async (relay) =>
    setResult(await relay.call<TestResult>('POST', `/v1/hooks/${hook.id}/test`)),
  );
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

function Recent({ hook }: { readonly hook: Hook }) {
  const { me } = useSignedIn();
  const list = useList<DeliveryRow>(`/v1/hooks/${hook.id}/deliveries`, { limit: 10 });
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

function OverTime({ id }: { readonly id: number }) {
  const { me } = useSignedIn();
  const isAsking = may(me.role, 'readTenant');
  const { data, failure } = useCall(`series:${id}`, async (relay, signal) => {
    if (!isAsking) return undefined;
    const metric = [...OUTCOMES, ...LATENCY].map((line) => line.metric).join(',');
    const from = new Date(Date.now() - DAY_MS).toISOString();
    return relay.read<Series>('/v1/stats/series', { metric, from, step: 'hour', hook: id }, signal);
  });
  if (!isAsking) return null;
  return (
    <section aria-labelledby="over-time">
      <h2 id="over-time">The last 24 hours</h2>
      {failure?.code === 'not-found' ? (
        <p class="none">This relay keeps no numbers over time.</p>
      ) : (
        <Trouble failure={failure} />
      )}
      {data !== undefined && (
        <div class="two">
          <Chart title="Delivered and failed, by the hour" series={data} lines={OUTCOMES} />
          <Chart title="How long the receiver takes" series={data} lines={LATENCY} />
        </div>
      )}
    </section>
  );
}

function Configuration({ hook }: { readonly hook: Hook }) {
  const { me } = useSignedIn();
  const { retry } = hook;
  return (
    <section aria-labelledby="configuration">
      <h2 id="configuration">Configuration</h2>
      <dl class="facts card">
        <dt>URL</dt>
        <dd>
          <Said text={hook.url} most={4000} /> <CopyButton text={hook.url} what="URL" />
        </dd>
        <dt>Events</dt>
        <dd>
          <Said text={hook.events.join(', ')} most={600} />
        </dd>
        <dt>Sources</dt>
        <dd>{hook.sources === null ? 'all' : <Said text={hook.sources.join(', ')} most={600} />}</dd>
        <dt>Filters</dt>
        <dd>
          {hook.filters.length === 0 ? (
            'none'
          ) : (
            <LongText text={JSON.stringify(hook.filters)} label="Filters" />
          )}
        </dd>
        <dt>Format</dt>
        <dd>
          {hook.format}
          {hook.template !== null && <LongText text={hook.template.body} label="Template" />}
        </dd>
        <dt>Order</dt>
        <dd>
          {hook.ordering}, {hook.concurrency} at a time
          {hook.rateLimit !== null && `, ${hook.rateLimit.perSecond} a second at most`}
        </dd>
        <dt>Retries</dt>
        <dd>
          {retry.scheduleSeconds.length === 0 ? 'none' : `after ${scheduleWords(retry.scheduleSeconds)}`}; an
          attempt may take {span(retry.timeoutSeconds)}
          {retry.giveUpOn.length > 0 && `; gives up on ${retry.giveUpOn.join(', ')}`}
        </dd>
        <dt>Signing</dt>
        <dd class="row">
          {hook.signing}
          {may(me.role, 'changeHooks') && <SecretButton path={`/v1/hooks/${hook.id}`} />}
        </dd>
        <dt>Login</dt>
        <dd>{hook.auth === null ? 'none' : <Said text={hook.auth.type} />}</dd>
        <dt>Further headers</dt>
        <dd>
          {Object.keys(hook.headers).length === 0 ? (
            'none'
          ) : (
            <Said text={Object.keys(hook.headers).join(', ')} most={600} />
          )}
        </dd>
        <dt>Created</dt>
        <dd>
          <When at={hook.createdAt} />, changed <When at={hook.updatedAt} />
        </dd>
      </dl>
    </section>
  );
}
