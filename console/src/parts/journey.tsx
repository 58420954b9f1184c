/** Where an event went: received, then each hook of the tenant, those that wanted it and those that did not, and why. */
import { useState } from 'preact/hooks';
import type { Envelope, EventJourney, Hook, HookDelivery } from '../relay/answers.ts';
import { useCall } from '../relay/use-call.ts';
import { useList } from '../relay/use-list.ts';
import { hookTitle } from '../words/attention.ts';
import { STATUS_WORDS, reasonWords } from '../words/reason.ts';
import { count } from '../words/text.ts';
import { Attempts } from './attempts.tsx';
import { Badge } from './badge.tsx';
import { LongText, Said } from './said.tsx';
import { Trouble } from './trouble.tsx';
import { WaitingWords } from './waiting-words.tsx';
import { When } from './when.tsx';

interface JourneyProps {
  readonly view: EventJourney;
  /** The one that somebody asks about: opened, and first. */
  readonly hook: string | undefined;
}

export function Journey({ view, hook }: JourneyProps) {
  const { event, deliveries } = view;
  const hooks = useList<Hook>('/v1/hooks', { limit: 200 });
  const known = new Map(hooks.items.map((one) => [one.id, one]));
  const wanted = new Map(deliveries.map((delivery) => [delivery.hookId, delivery]));
  const asked = Number(hook);
  const isAsked = (id: number) => id === asked;
  const others = hooks.items.filter(({ id }) => !wanted.has(id) && !isAsked(id));
  const first = Number.isInteger(asked) && asked > 0 ? [asked] : [];
  const rest = [...wanted.keys()].filter((id) => !isAsked(id));
  return (
    <section aria-labelledby="journey">
      <h2 id="journey">Its journey</h2>
      <ol class="timeline">
        <Received event={event} />
        <li>
          {deliveries.length === 0
            ? 'No hook wanted it.'
            : `${count(deliveries.length, 'hook')}${view.nextCursor === null ? '' : ' and more'} wanted it.`}
        </li>
        {[...first, ...rest].map((id) => (
          <Stop
            key={id}
            eventId={event.posthornid}
            id={id}
            hook={known.get(id)}
            delivery={wanted.get(id)}
            isOpen={isAsked(id)}
          />
        ))}
      </ol>
      {others.length > 0 && (
        <>
          <h3 class="others">
            {count(others.length, 'other hook')}: open one to see why it did not get this event
          </h3>
          <ol class="timeline">
            {others.map((one) => (
              <Stop
                key={one.id}
                eventId={event.posthornid}
                id={one.id}
                hook={one}
                delivery={undefined}
                isOpen={false}
              />
            ))}
          </ol>
        </>
      )}
      <Trouble failure={hooks.failure} onRetry={hooks.reload} />
      {hooks.hasMore && (
        <button type="button" onClick={hooks.more}>
          Show more hooks
        </button>
      )}
    </section>
  );
}

function Received({ event }: { readonly event: Envelope }) {
  const data =
    typeof event.data === 'object' && event.data !== null ? (event.data as Record<string, unknown>) : {};
  const isVerified = data.verified === true;
  const assurance = typeof data.assurance === 'string' ? data.assurance : null;
  return (
    <li>
      Received <When at={event.recordedtime} /> from <Said text={event.source} most={80} />
      {'provider' in data && (
        <>
          {' '}
          ·{' '}
          {isVerified
            ? 'its signature was verified'
            : assurance === 'token'
              ? 'its token was verified'
              : 'unsigned: nothing was verified'}
        </>
      )}{' '}
      · new: a duplicate makes no event
    </li>
  );
}

interface StopProps {
  readonly eventId: string;
  readonly id: number;
  readonly hook: Hook | undefined;
  readonly delivery: HookDelivery | undefined;
  readonly isOpen: boolean;
}

function Stop({ eventId, id, hook, delivery, isOpen }: StopProps) {
  const [isShown, setShown] = useState(isOpen);
  return (
    <li>
      <details open={isOpen} onToggle={(toggled) => setShown(toggled.currentTarget.open)}>
        <summary>
          <Said text={hook === undefined ? `Hook ${id}` : hookTitle(hook)} most={60} />{' '}
          {delivery !== undefined && <Badge state={delivery.status} />}
        </summary>
        {isShown && <Explained eventId={eventId} id={id} hook={hook} />}
      </details>
    </li>
  );
}

/** Asked of the relay when it is looked at. */
function Explained({
  eventId,
  id,
  hook,
}: {
  readonly eventId: string;
  readonly id: number;
  readonly hook: Hook | undefined;
}) {
  const { data, failure, reload } = useCall(`explained:${eventId}:${id}`, (relay, signal) =>
    relay.read<EventJourney>(`/v1/events/${encodeURIComponent(eventId)}`, { hook: id }, signal),
  );
  const delivery = data?.deliveries[0];
  if (delivery === undefined) {
    if (data !== undefined) return <p>Nothing is known of it.</p>;
    return failure === null ? <p class="faint">Loading…</p> : <Trouble failure={failure} onRetry={reload} />;
  }
  const { status, reason, clause, waiting } = delivery;
  return (
    <div class="explained">
      <p>
        <Badge state={status} /> {reason === null ? STATUS_WORDS[status] : reasonWords(reason)}
      </p>
      {reason === 'pattern' && hook !== undefined && (
        <p>
          It wants <Said text={hook.events.join(', ')} most={400} />.
        </p>
      )}
      {clause !== undefined && <Clause clause={clause} hook={hook} />}
      {waiting !== undefined && waiting !== null && <WaitingWords waiting={waiting} />}
      {delivery.nextAttemptAt !== undefined && delivery.nextAttemptAt !== null && (
        <p>
          The next attempt: <When at={delivery.nextAttemptAt} />.
        </p>
      )}
      {status !== 'skipped' && <Attempts log={delivery.attemptLog ?? []} />}
      <p class="row">
        {status !== 'skipped' && (
          <a href={`/console/deliveries/${id}/${eventId}`}>The delivery: retry, cancel</a>
        )}
        <a href={`/console/hooks/${id}`}>The hook</a>
      </p>
    </div>
  );
}

/** `/filters/0/match/…`: which filter did not hold, and where in it. */
function Clause({ clause, hook }: { readonly clause: string; readonly hook: Hook | undefined }) {
  const [, index] = /^\/filters\/(\d+)/.exec(clause) ?? [];
  const filter = index === undefined ? undefined : hook?.filters[Number(index)];
  return (
    <>
      <p>
        What did not hold: <code>{clause}</code>
      </p>
      {filter !== undefined && <LongText text={JSON.stringify(filter)} label="The filter" />}
    </>
  );
}
