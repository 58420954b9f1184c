/** The operator's switches: what the whole relay takes in and sends. */
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { Badge } from '../parts/badge.tsx';
import { TextField } from '../parts/field.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import type { Switches } from '../relay/answers.ts';
import { useCall } from '../relay/use-call.ts';

const SWITCHES = [
  {
    name: 'delivery',
    title: 'Delivery',
    open: 'Every hook of every tenant sends.',
    paused: 'No hook of any tenant sends. Events are taken in, and queues grow: nothing is lost.',
  },
  {
    name: 'ingest',
    title: 'Ingest',
    open: 'Events are taken in.',
    paused: 'No event is taken in: providers are answered 503. What a provider does not send again is lost.',
  },
] as const;

export function SwitchesPage() {
  const { data, failure, reload } = useCall(
    'switches',
    (relay, signal) => relay.read<Switches>('/v1/switches', {}, signal),
    5_000,
  );
  const [note, setNote] = useState('');
  return (
    <PageFrame
      title="Switches"
      lead="They hold for the whole relay, every tenant. For maintenance, pause delivery."
    >
      <Trouble failure={failure} onRetry={reload} />
      {data !== undefined && (
        <>
          {SWITCHES.map(({ name, title, ...words }) => {
            const isOpen = data[name] === 'open';
            const next = isOpen ? 'paused' : 'open';
            const label = isOpen ? `Pause ${name}` : `Open ${name}`;
            return (
              <section key={name} class="card" aria-label={title}>
                <h2 class="first">
                  {title} <Badge state={data[name]} />
                </h2>
                <p>{words[data[name]]}</p>
                <AskButton
                  label={label}
                  tone={isOpen ? 'danger' : 'primary'}
                  title={`${label}?`}
                  act={(relay) => relay.call('PUT', '/v1/switches', { body: { [name]: next, note } })}
                  onDone={reload}
                >
                  <p>
                    {words[next]}{' '}
                    {isOpen ? 'It takes effect within 5 s.' : 'It takes effect within a minute.'}
                  </p>
                  <TextField label="Why" value={note} onText={setNote} hint="For whoever looks next." />
                </AskButton>
              </section>
            );
          })}
          <p class="faint">
            {data.updatedAt === null ? 'Never changed.' : 'Changed '}
            {data.updatedAt !== null && <When at={data.updatedAt} />}
            {data.note !== '' && (
              <>
                : <Said text={data.note} most={400} />
              </>
            )}
          </p>
        </>
      )}
    </PageFrame>
  );
}
