/** One delivery: why it stands where it stands, each attempt, and what can be done. */
import { AskButton } from '../parts/ask-button.tsx';
import { Attempts } from '../parts/attempts.tsx';
import { Badge } from '../parts/badge.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { WaitingWords } from '../parts/waiting-words.tsx';
import { When } from '../parts/when.tsx';
import type { DeliveryWithLog, EventJourney } from '../relay/answers.ts';
import { useCall, useSignedIn } from '../relay/use-call.ts';
import { may } from '../words/permission.ts';
import { STATUS_WORDS, reasonWords } from '../words/reason.ts';

const EVERY_MS = 5_000;

export function DeliveryPage({ hook, event }: { readonly hook: string; readonly event: string }) {
  const { me } = useSignedIn();
  const path = `/v1/hooks/${encodeURIComponent(hook)}/deliveries/${encodeURIComponent(event)}`;
  const { data, failure, reload } = useCall(
    path,
    (relay, signal) => relay.read<DeliveryWithLog>(path, {}, signal),
    EVERY_MS,
  );
  return (
    <PageFrame
      title="Delivery"
      lead={
        <>
          Of{' '}
          {may(me.role, 'readTenant') ? (
            <a href={`/console/events/${event}?hook=${hook}`}>event {event}</a>
          ) : (
            event
          )}{' '}
          to <a href={`/console/hooks/${hook}`}>hook {hook}</a>
        </>
      }
      actions={
        data !== undefined &&
        may(me.role, 'changeHooks') && (
          <>
            <AskButton
              label="Retry now"
              tone="primary"
              act={(relay) => relay.call('POST', `${path}/retry`)}
              onDone={reload}
            />
            {data.status === 'pending' && (
              <AskButton
                label="Cancel"
                tone="danger"
                title="Cancel this delivery?"
                act={(relay) => relay.call('POST', `${path}/cancel`)}
                onDone={reload}
              >
                <p>
                  The event is not sent to this hook. What waits behind it goes on. A retry brings it back.
                </p>
              </AskButton>
            )}
          </>
        )
      }
    >
      <Trouble failure={failure} onRetry={reload} />
      {data !== undefined && (
        <>
          <section class="card" aria-label="Status">
            <p role="status">
              <Badge state={data.status} />{' '}
              {data.reason === null ? STATUS_WORDS[data.status] : reasonWords(data.reason)}
            </p>
            {may(me.role, 'readTenant') && data.status === 'pending' && (
              <WaitsFor hook={hook} event={event} />
            )}
            <dl class="facts">
              <dt>Type</dt>
              <dd>
                <Said text={data.type} most={300} />
              </dd>
              <dt>Subject</dt>
              <dd>{data.subject === null ? 'none' : <Said text={data.subject} most={300} />}</dd>
              <dt>Sequence</dt>
              <dd>{data.sequence ?? 'never queued'}</dd>
              <dt>Next attempt</dt>
              <dd>
                <When at={data.nextAttemptAt} none="none is scheduled" />
              </dd>
              <dt>Created</dt>
              <dd>
                <When at={data.createdAt} />
                {data.finishedAt !== null && (
                  <>
                    , ended <When at={data.finishedAt} />
                  </>
                )}
              </dd>
            </dl>
          </section>
          <section aria-labelledby="attempts">
            <h2 id="attempts">Attempts: {data.attempts}</h2>
            <Attempts log={data.attemptLog} />
          </section>
        </>
      )}
    </PageFrame>
  );
}

/** Why a pending one does not go out now. */
function WaitsFor({ hook, event }: { readonly hook: string; readonly event: string }) {
  const { data } = useCall(
    `waits:${hook}:${event}`,
    (relay, signal) => relay.read<EventJourney>(`/v1/events/${encodeURIComponent(event)}`, { hook }, signal),
    EVERY_MS,
  );
  const waiting = data?.deliveries[0]?.waiting;
  if (waiting === undefined || waiting === null) return null;
  return <WaitingWords waiting={waiting} />;
}
