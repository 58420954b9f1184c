/** A source is changed: its name, what its provider needs, where its bodies state what. Its secret and URL are rotated at its page. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { TextField } from '../parts/field.tsx';
import { PageFrame } from '../parts/page.tsx';
import { SourceFields } from '../parts/source-fields.tsx';
import { Trouble } from '../parts/trouble.tsx';
import type { Provider, Source } from '../relay/answers.ts';
import { etagOf } from '../relay/relay.ts';
import { useAction, useCall } from '../relay/use-call.ts';
import { errorsAt } from '../words/failure.ts';
import { jsonProblem, sourceChanges, sourceFormOf } from '../words/source-form.ts';

export function EditSource({ id }: { readonly id: string }) {
  const path = `/v1/sources/${encodeURIComponent(id)}`;
  const { data, failure, reload } = useCall(path, async (relay, signal) => {
    const source = await relay.read<Source>(path, {}, signal);
    return { source, provider: await relay.read<Provider>(`/v1/providers/${source.provider}`, {}, signal) };
  });
  const [round, setRound] = useState(0);
  return (
    <PageFrame title={`Edit source ${id}`}>
      <Trouble failure={failure} onRetry={reload} />
      {data !== undefined && (
        // Loaded again, the form begins anew.
        <Form
          key={`${round}:${etagOf(data.source) ?? ''}`}
          {...data}
          onOutdated={() => {
            setRound(round + 1);
            reload();
          }}
        />
      )}
    </PageFrame>
  );
}

interface FormProps {
  readonly source: Source;
  readonly provider: Provider;
  readonly onOutdated: () => void;
}

function Form({ source, provider, onOutdated }: FormProps) {
  const { route } = useLocation();
  const before = sourceFormOf(source);
  const [form, setForm] = useState(before);
  const page = `/console/sources/${source.id}`;
  const saving = useAction(async (relay) => {
    const body = sourceChanges(before, form);
    await relay.call('PATCH', `/v1/sources/${source.id}`, { body, ifMatch: etagOf(source) });
    route(page);
  });
  const { failure } = saving;
  const recipeProblem = provider.id === 'custom' ? jsonProblem(form.recipe) : null;
  const problemOf = (member: string) =>
    (member === 'recipe' ? recipeProblem : null) ?? errorsAt(failure, member);
  return (
    <form
      class="wide-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (recipeProblem === null) void saving.run();
      }}
    >
      <fieldset>
        <legend>{provider.name}</legend>
        <TextField
          label="Name"
          value={form.name}
          onText={(name) => setForm({ ...form, name })}
          problem={problemOf('name')}
        />
        <SourceFields
          provider={provider}
          form={form}
          set={(change) => setForm({ ...form, ...change })}
          problemOf={problemOf}
        />
      </fieldset>
      <Trouble
        failure={failure}
        onRetry={failure?.code === 'precondition-failed' ? onOutdated : undefined}
        retryLabel="Load it again"
      />
      <p class="row">
        <button type="submit" class="primary" disabled={saving.isRunning}>
          Save
        </button>
        <a class="button" href={page}>
          Cancel
        </a>
      </p>
    </form>
  );
}
