/** One event: its journey to every hook, and its payload. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { Journey } from '../parts/journey.tsx';
import { LongText, Said } from '../parts/said.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import type { Envelope, EventJourney } from '../relay/answers.ts';
import { useAction, useCall, useSignedIn } from '../relay/use-call.ts';
import { may } from '../words/permission.ts';

export function EventPage({ id }: { readonly id: string }) {
  const { me } = useSignedIn();
  const { query } = useLocation();
  const path = `/v1/events/${encodeURIComponent(id)}`;
  const { data, failure, reload } = useCall(path, (relay, signal) =>
    relay.read<EventJourney>(path, { limit: 200 }, signal),
  );
  if (data === undefined) {
    return (
      <PageFrame title="Event">
        <Trouble failure={failure} onRetry={reload} />
      </PageFrame>
    );
  }
  const { event } = data;
  return (
    <PageFrame
      title={<Said text={event.type} most={100} />}
      windowTitle="Event"
      lead={`Event ${event.posthornid}`}
      actions={
        may(me.role, 'changeTenant') && (
          <AskButton
            label="Delete the payload"
            tone="danger"
            title="Delete the payload of this event?"
            act={(relay) => relay.call('DELETE', path)}
            onDone={reload}
          >
            <p>
              It is gone everywhere, for good: from the log and from every hook’s queue. That there was this
              event stays known.
            </p>
          </AskButton>
        )
      }
    >
      <Trouble failure={failure} onRetry={reload} />
      <Journey view={data} hook={query.hook} />
      <Facts event={event} />
      <Payload path={path} />
    </PageFrame>
  );
}

function Facts({ event }: { readonly event: Envelope }) {
  const { data: _data, ...attributes } = event;
  return (
    <section aria-labelledby="envelope">
      <h2 id="envelope">Envelope</h2>
      <dl class="facts card">
        {Object.entries(attributes).flatMap(([name, value]) => [
          <dt key={name}>
            <Said text={name} most={40} />
          </dt>,
          <dd key={`${name}:`}>
            <Said text={typeof value === 'string' ? value : JSON.stringify(value)} most={400} />
            {name === 'recordedtime' && (
              <>
                {' '}
                <span class="faint">
                  (<When at={event.recordedtime} />)
                </span>
              </>
            )}
          </dd>,
        ])}
      </dl>
    </section>
  );
}

interface Raw {
  readonly text: string;
  readonly contentType: string;
  readonly isUtf8: boolean;
  readonly bytes: number;
}

/** The provider's bytes, when somebody wants to see them. */
function Payload({ path }: { readonly path: string }) {
  const [raw, setRaw] = useState<Raw | null>(null);
  const reading = useAction(async (relay) => {
    const response = await relay.fetch('GET', `${path}/raw`);
    const body = new Uint8Array(await response.arrayBuffer());
    const contentType = response.headers.get('content-type') ?? 'none';
    setRaw({ ...decoded(body), contentType, bytes: body.byteLength });
  });
  return (
    <section aria-labelledby="payload">
      <h2 id="payload">What the provider sent</h2>
      {raw === null ? (
        <button type="button" disabled={reading.isRunning} onClick={() => void reading.run()}>
          Show the body
        </button>
      ) : (
        <>
          <p class="faint">
            {raw.bytes.toLocaleString('en')} bytes of <Said text={raw.contentType} />.
            {!raw.isUtf8 && ' Not valid UTF-8: bytes that are no characters are shown as �.'}
          </p>
          <LongText text={raw.text} label="Body" />
        </>
      )}
      <Trouble failure={reading.failure} onRetry={() => void reading.run()} />
    </section>
  );
}

function decoded(body: Uint8Array): { readonly text: string; readonly isUtf8: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body), isUtf8: true };
  } catch {
    return { text: new TextDecoder().decode(body), isUtf8: false };
  }
}
