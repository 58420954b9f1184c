/** One source: where to point its provider, what came, and what was refused and why. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { Headers } from '../parts/attempts.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { List } from '../parts/list.tsx';
import { PageFrame } from '../parts/page.tsx';
import { LongText, Said } from '../parts/said.tsx';
import { SecretButton } from '../parts/secret-button.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import { etagOf } from '../relay/relay.ts';
import type { Envelope, Provider, Refusal, SetupCall, Source } from '../relay/answers.ts';
import { useCall, useSignedIn } from '../relay/use-call.ts';
import { useList } from '../relay/use-list.ts';
import { rejectionWords } from '../words/attention.ts';
import { may } from '../words/permission.ts';

const EVERY_MS = 10_000;

export function SourcePage({ id }: { readonly id: string }) {
  const { me } = useSignedIn();
  const { route } = useLocation();
  const path = `/v1/sources/${encodeURIComponent(id)}`;
  const {
    data: source,
    failure,
    reload,
  } = useCall(path, (relay, signal) => relay.read<Source>(path, {}, signal), EVERY_MS);
  if (source === undefined) {
    return (
      <PageFrame title="Source">
        <Trouble failure={failure} onRetry={reload} />
      </PageFrame>
    );
  }
  const isChanging = may(me.role, 'changeTenant');
  return (
    <PageFrame
      title={<Said text={source.name === '' ? source.id : source.name} most={80} />}
      windowTitle="Source"
      lead={`${source.provider} · ${source.id}`}
      actions={
        isChanging && (
          <>
            <a class="button" href={`/console/sources/${source.id}/edit`}>
              Edit
            </a>
            <SecretButton path={path} />
            <AskButton
              label="New URL"
              title="Make a new inbound URL?"
              act={(relay) => relay.call('POST', `${path}/rotate-url`, { body: {} })}
              onDone={reload}
            >
              <p>The one before works for another day. Enter the new one at the provider until then.</p>
            </AskButton>
            <AskButton
              label="Delete"
              tone="danger"
              title="Delete this source?"
              act={(relay) => relay.call('DELETE', path, { ifMatch: etagOf(source) })}
              onDone={() => route('/console/sources')}
            >
              <p>
                Its inbound URL stops at once: what the provider sends from then on is refused. Its events
                stay.
              </p>
            </AskButton>
          </>
        )
      }
    >
      <Trouble failure={failure} onRetry={reload} />
      <Connect source={source} />
      <Counts source={source} />
      <Refusals path={path} />
      <LastEvents id={source.id} />
    </PageFrame>
  );
}

function Connect({ source }: { readonly source: Source }) {
  const { data: provider } = useCall(`provider:${source.provider}`, (relay, signal) =>
    relay.read<Provider>(`/v1/providers/${encodeURIComponent(source.provider)}`, {}, signal),
  );
  const { me } = useSignedIn();
  return (
    <section class="card" aria-labelledby="connect">
      <h2 id="connect" class="first">
        Point {provider?.name ?? source.provider} here
      </h2>
      <p>
        <code>
          <Said text={source.inboundUrl} most={1000} />
        </code>{' '}
        <CopyButton text={source.inboundUrl} what="inbound URL" />
      </p>
      {!may(me.role, 'changeTenant') && <p class="faint">A viewer does not see the token of the URL.</p>}
      {provider !== undefined && provider.setup !== '' && <p>{provider.setup}</p>}
      {may(me.role, 'changeTenant') && <Setup id={source.id} />}
    </section>
  );
}

/** For providers that are pointed somewhere by a call. They hold the secret, and who reads it is on record: not before somebody asks. */
function Setup({ id }: { readonly id: string }) {
  const [isShown, setShown] = useState(false);
  return (
    <details onToggle={(toggled) => setShown(toggled.currentTarget.open)}>
      <summary>Calls that do it</summary>
      {isShown && <SetupCalls id={id} />}
    </details>
  );
}

function SetupCalls({ id }: { readonly id: string }) {
  const { data, failure, reload } = useCall(`setup:${id}`, (relay, signal) =>
    relay.read<{ readonly calls: readonly SetupCall[] }>(
      `/v1/sources/${encodeURIComponent(id)}/setup`,
      {},
      signal,
    ),
  );
  if (data === undefined) return <Trouble failure={failure} onRetry={reload} />;
  if (data.calls.length === 0) return <p>There is none: enter the URL at the provider.</p>;
  return (
    <>
      <p class="faint">In braces stands what the relay does not know.</p>
      {data.calls.map(({ eventType, curl }) => (
        <div key={eventType ?? ''}>
          {eventType !== null && <h3>{eventType}</h3>}
          <LongText text={curl} label={`Call ${eventType ?? ''}`} />
        </div>
      ))}
    </>
  );
}

function Counts({ source: { stats } }: { readonly source: Source }) {
  const { rejected, lastRejection } = stats;
  return (
    <section aria-labelledby="counts">
      <h2 id="counts">What came</h2>
      <dl class="facts card">
        <dt>Accepted</dt>
        <dd>
          {stats.accepted.toLocaleString('en')}, the last one <When at={stats.lastAcceptedAt} />
        </dd>
        <dt>Duplicates</dt>
        <dd>{stats.duplicates.toLocaleString('en')}</dd>
        <dt>Tests</dt>
        <dd>{stats.tests.toLocaleString('en')}</dd>
        <dt>Refused</dt>
        <dd>
          {rejected.signature.toLocaleString('en')} by signature, {rejected.malformed.toLocaleString('en')}{' '}
          malformed, {rejected.tooLarge.toLocaleString('en')} too large
          {lastRejection !== null && (
            <>
              . The last one <When at={stats.lastRejectedAt} />, because {rejectionWords(lastRejection)}.
            </>
          )}
        </dd>
      </dl>
    </section>
  );
}

function Refusals({ path }: { readonly path: string }) {
  const { data, failure } = useCall(
    `${path}/refusals`,
    (relay, signal) => relay.read<{ readonly data: readonly Refusal[] }>(`${path}/refusals`, {}, signal),
    EVERY_MS,
  );
  const refused = data?.data ?? [];
  return (
    <section aria-labelledby="refusals">
      <h2 id="refusals">Refused lately</h2>
      {failure !== null && failure.code !== 'not-found' && <Trouble failure={failure} />}
      {refused.length === 0 ? (
        <p class="none">
          Nothing is remembered. Refused requests are kept in memory alone: once a tenant has been idle for a
          while, or the relay was started again, they are forgotten.
        </p>
      ) : (
        <ol class="timeline">
          {refused.map((request, index) => (
            <li key={`${request.at}:${index}`}>
              <details>
                <summary>
                  <When at={request.at} /> answered {request.status}: {rejectionWords(request.reason)}
                </summary>
                <Headers title="Headers" headers={request.headers} />
                <p class="faint">{request.bodyBytes.toLocaleString('en')} bytes of body</p>
                {request.bodyExcerpt !== '' && (
                  <LongText text={request.bodyExcerpt} label="Beginning of the body" />
                )}
              </details>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function LastEvents({ id }: { readonly id: string }) {
  const list = useList<Envelope>('/v1/events', { sourceId: id, limit: 10 });
  return (
    <section aria-labelledby="last">
      <h2 id="last">Last events</h2>
      <List
        list={list}
        caption="Last events"
        keyOf={({ posthornid }) => posthornid}
        none="No event yet."
        columns={[
          {
            head: 'Type',
            cell: (event) => (
              <a href={`/console/events/${event.posthornid}`}>
                <Said text={event.type} most={80} />
              </a>
            ),
          },
          {
            head: 'Subject',
            cell: ({ subject }) => (typeof subject === 'string' ? <Said text={subject} most={60} /> : '–'),
          },
          { head: 'Received', cell: (event) => <When at={event.recordedtime} /> },
        ]}
      />
    </section>
  );
}
