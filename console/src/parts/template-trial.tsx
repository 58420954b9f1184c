/** A template and what comes of it with a real event, rendered by the relay while it is typed. */
import { useState } from 'preact/hooks';
import type { Envelope, Page, ReadyTemplate, Template } from '../relay/answers.ts';
import { useCall } from '../relay/use-call.ts';
import { ChoiceField, TextField } from './field.tsx';
import { LongText } from './said.tsx';
import { Trouble } from './trouble.tsx';
import { useSettled } from './use-settled.ts';

interface TemplateTrialProps extends Template {
  readonly onChange: (template: Template) => void;
  readonly problem: string | null | undefined;
  /** May this key ask for a preview? */
  readonly isTrying: boolean;
}

export function TemplateTrial({ contentType, body, onChange, problem, isTrying }: TemplateTrialProps) {
  const ready = useCall('templates', (relay, signal) =>
    relay.read<{ readonly data: readonly ReadyTemplate[] }>('/v1/templates', {}, signal),
  );
  const templates = ready.data?.data ?? [];
  const start = (id: string) => {
    const chosen = templates.find((template) => template.id === id);
    if (chosen !== undefined) onChange(chosen.template);
  };
  return (
    <>
      <div class="two">
        <ChoiceField
          label="Begin with"
          value=""
          onText={start}
          options={[['', 'choose…'], ...templates.map(({ id, name }) => [id, name] as const)]}
        />
        <TextField
          label="Content type"
          value={contentType}
          onText={(type) => onChange({ contentType: type, body })}
        />
      </div>
      <TextField
        label="Template"
        rows={8}
        value={body}
        onText={(text) => onChange({ contentType, body: text })}
        problem={problem}
        hint="Liquid. The variables are the members of the envelope: {{ type }}, {{ subject }}, {{ data.raw.total }}."
      />
      {isTrying && body.trim() !== '' && <Preview contentType={contentType} body={body} />}
    </>
  );
}

function Preview({ contentType, body }: Template) {
  const newest = useCall('newest', (relay, signal) =>
    relay.read<Page<Envelope>>('/v1/events', { limit: 20 }, signal),
  );
  const events = newest.data?.data ?? [];
  const [chosen, setChosen] = useState('');
  const eventId = chosen === '' ? events[0]?.posthornid : chosen;
  const asked = useSettled(JSON.stringify({ contentType, body }));
  const { data, failure } = useCall(`preview:${eventId ?? ''}:${asked}`, async (relay, signal) => {
    if (eventId === undefined) return null;
    return relay.call<Template>('POST', '/v1/templates/preview', {
      body: { template: JSON.parse(asked) as Template, eventId },
      signal,
    });
  });
  if (newest.data !== undefined && events.length === 0)
    return <p class="faint">There is no event yet to try it with.</p>;
  return (
    <div class="trial">
      <ChoiceField
        label="Preview with"
        value={eventId ?? ''}
        onText={setChosen}
        options={events.map(({ posthornid, type, subject }) => [
          posthornid,
          `${type.slice(0, 60)} ${(subject ?? '').slice(0, 40)}`,
        ])}
      />
      <Trouble failure={failure} />
      {data !== undefined && data !== null && <LongText text={data.body} label="Preview" />}
    </div>
  );
}
