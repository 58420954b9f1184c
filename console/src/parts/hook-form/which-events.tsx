/** Patterns, sources and filters, and which of the newest events they choose. */
import type { Page, Source } from '../../relay/answers.ts';
import { useCall, useSignedIn } from '../../relay/use-call.ts';
import { may } from '../../words/permission.ts';
import { CheckField, TextField } from '../field.tsx';
import { FilterTrial } from '../filter-trial.tsx';
import { Said } from '../said.tsx';
import type { FormPart } from './fieldset.ts';

interface WhichEventsProps extends FormPart {
  readonly isTrying: boolean;
}

export function WhichEvents({ form, set, text, isTrying }: WhichEventsProps) {
  const { me } = useSignedIn();
  return (
    <fieldset>
      <legend>Which events</legend>
      <TextField
        label="Event patterns"
        rows={3}
        {...text('events')}
        hint="One a line. * is every event except the relay’s own notices; superoffice.contact.* is every type of one kind."
      />
      {may(me.role, 'readTenant') && (
        <Sources chosen={form.sources} onChoose={(sources) => set({ sources })} />
      )}
      <TextField
        label="Filters"
        rows={4}
        {...text('filters')}
        placeholder='[{"match":{"data":{"raw":{"total":{"$gte":1000}}}}}]'
        hint="JSON. All of them must hold, in addition to the patterns. Empty: none."
      />
      {isTrying && <FilterTrial events={form.events} filters={form.filters} sources={form.sources} />}
    </fieldset>
  );
}

interface SourcesProps {
  readonly chosen: readonly string[] | null;
  readonly onChoose: (chosen: readonly string[] | null) => void;
}

function Sources({ chosen, onChoose }: SourcesProps) {
  const { data } = useCall('sources', (relay, signal) =>
    relay.read<Page<Source>>('/v1/sources', { limit: 200 }, signal),
  );
  return (
    <fieldset class="plain">
      <legend>Sources</legend>
      <CheckField
        label="All, including future ones"
        isChecked={chosen === null}
        onCheck={(isAll) => onChoose(isAll ? null : [])}
      />
      {chosen !== null &&
        (data?.data ?? []).map(({ id, name, provider }) => (
          <CheckField
            key={id}
            label={
              <>
                <Said text={name} most={60} /> <span class="faint">({provider})</span>
              </>
            }
            isChecked={chosen.includes(id)}
            onCheck={(isChosen) =>
              onChoose(isChosen ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          />
        ))}
      {chosen?.length === 0 && (
        <p class="hint">None is chosen: this hook gets only events that are published through the API.</p>
      )}
    </fieldset>
  );
}
