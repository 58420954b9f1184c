/** Deletes the payloads of all events of a subject, source or type, such as those about a person. */
import { useState } from 'preact/hooks';
import type { Expunge } from '../../relay/answers.ts';
import { useCall } from '../../relay/use-call.ts';
import { count } from '../../words/text.ts';
import { AskButton } from '../ask-button.tsx';
import { Badge } from '../badge.tsx';
import { TextField } from '../field.tsx';
import { Said } from '../said.tsx';
import { Trouble } from '../trouble.tsx';

const EVERY_MS = 1_500;
const FIELDS = [
  ['subject', 'Subject', 'contact/994863'],
  ['source', 'Source', '/superoffice/Cust1234'],
  ['type', 'Type', 'superoffice.contact.*'],
] as const;

export function DeletePayloads() {
  const [wanted, setWanted] = useState<Readonly<Record<string, string>>>({});
  const [begun, setBegun] = useState<Expunge | null>(null);
  const given = Object.fromEntries(Object.entries(wanted).filter(([, text]) => text !== ''));
  const isGiven = Object.keys(given).length > 0;
  return (
    <section class="card" aria-labelledby="delete-payloads">
      <h2 id="delete-payloads" class="first">
        Delete payloads
      </h2>
      <p>
        Of all events that match everything entered here, in the log and in every hook. That there were these
        events stays known.
      </p>
      <div class="filters">
        {FIELDS.map(([name, label, placeholder]) => (
          <TextField
            key={name}
            label={label}
            value={wanted[name] ?? ''}
            onText={(text) => setWanted({ ...wanted, [name]: text })}
            placeholder={placeholder}
          />
        ))}
      </div>
      {isGiven ? (
        <AskButton
          label="Delete these payloads"
          tone="danger"
          title="Delete these payloads for good?"
          act={async (relay) => setBegun(await relay.call<Expunge>('POST', '/v1/expunges', { body: given }))}
        >
          <p>
            Of every event with{' '}
            <Said
              text={Object.entries(given)
                .map(([name, text]) => `${name} ${text}`)
                .join(' and ')}
              most={300}
            />
            . It cannot be undone.
          </p>
        </AskButton>
      ) : (
        <p class="faint">Enter at least one of them.</p>
      )}
      {begun !== null && <Progress key={begun.id} begun={begun} />}
    </section>
  );
}

function Progress({ begun }: { readonly begun: Expunge }) {
  const path = `/v1/expunges/${encodeURIComponent(begun.id)}`;
  const [isDone, setDone] = useState(false);
  const { data = begun, failure } = useCall(
    path,
    async (relay, signal) => {
      const now = await relay.read<Expunge>(path, {}, signal);
      setDone(now.state !== 'running');
      return now;
    },
    isDone ? undefined : EVERY_MS,
  );
  return (
    <>
      <p role="status">
        <Badge state={data.state} /> {count(data.matched, 'event')} found,{' '}
        {data.expunged.toLocaleString('en')} deleted.
      </p>
      <Trouble failure={failure} />
    </>
  );
}
