/** A provider is connected: which one, what it needs, and then where to point it. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { PageFrame } from '../parts/page.tsx';
import { SourceFields } from '../parts/source-fields.tsx';
import { Trouble } from '../parts/trouble.tsx';
import type { Provider, Source } from '../relay/answers.ts';
import { useAction, useCall } from '../relay/use-call.ts';
import { errorsAt } from '../words/failure.ts';
import { NEW_SOURCE, jsonProblem, sourceMembersOf } from '../words/source-form.ts';

const ASSURANCES: Readonly<Record<Provider['assurance'], string>> = {
  signature: 'It signs its requests, and the signature is checked.',
  token: 'It sends a token or a password along, which is checked. Whoever sees a request can make others.',
  none: 'It proves nothing: whoever knows the inbound URL can post to it.',
};

export function NewSource() {
  const { data, failure, reload } = useCall('providers', (relay, signal) =>
    relay.read<{ readonly data: readonly Provider[] }>('/v1/providers', {}, signal),
  );
  return (
    <PageFrame title="New source" lead="Choose who sends. The relay makes the inbound URL.">
      <Trouble failure={failure} onRetry={reload} />
      {data !== undefined && <Form providers={data.data} />}
    </PageFrame>
  );
}

function Form({ providers }: { readonly providers: readonly Provider[] }) {
  const { route } = useLocation();
  const sorted = providers.toSorted((a, b) => a.name.localeCompare(b.name));
  const [id, setId] = useState(sorted[0]?.id ?? '');
  const [form, setForm] = useState(NEW_SOURCE);
  const [secret, setSecret] = useState('');
  const provider = providers.find((one) => one.id === id);
  const recipeProblem = id === 'custom' ? jsonProblem(form.recipe) : null;
  const saving = useAction(async (relay) => {
    const source = await relay.call<Source>('POST', '/v1/sources', {
      body: {
        provider: id,
        ...sourceMembersOf(form, id),
        ...(form.name.trim() === '' ? { name: provider?.name ?? id } : {}),
        ...(secret === '' ? {} : { secret }),
      },
    });
    route(`/console/sources/${source.id}`);
  });
  const { failure } = saving;
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
        <legend>Provider</legend>
        <ChoiceField
          label="Who sends"
          value={id}
          onText={(chosen) => {
            setId(chosen);
            setForm({ ...form, options: {}, site: {} });
          }}
          options={sorted.map((one) => [one.id, one.name] as const)}
        />
        {provider !== undefined && (
          <>
            <p>{ASSURANCES[provider.assurance]}</p>
            {provider.setup !== '' && <p>{provider.setup}</p>}
            {provider.docs.startsWith('https://') && (
              <p>
                <a href={provider.docs} target="_blank" rel="noreferrer noopener">
                  {provider.name} about its webhooks
                </a>{' '}
                <span class="faint">(opens its site)</span>
              </p>
            )}
          </>
        )}
      </fieldset>
      <fieldset>
        <legend>Source</legend>
        <TextField
          label="Name"
          value={form.name}
          onText={(name) => setForm({ ...form, name })}
          problem={problemOf('name')}
          hint="For people. Empty: the name of the provider."
        />
        {provider !== undefined && provider.secret.from !== 'none' && (
          <TextField
            label={provider.secret.label === '' ? 'Secret' : provider.secret.label}
            type="password"
            value={secret}
            onText={setSecret}
            problem={problemOf('secret')}
            hint={SECRET_HINTS[provider.secret.from]}
          />
        )}
        <SourceFields
          key={id}
          provider={provider}
          form={form}
          set={(change) => setForm({ ...form, ...change })}
          problemOf={problemOf}
        />
      </fieldset>
      <Trouble failure={failure} />
      <p class="row">
        <button type="submit" class="primary" disabled={saving.isRunning}>
          Connect
        </button>
        <a class="button" href="/console/sources">
          Cancel
        </a>
      </p>
    </form>
  );
}

const SECRET_HINTS: Readonly<Record<Provider['secret']['from'], string>> = {
  provider: 'The provider shows it; enter it here. It can follow once the provider knows the URL.',
  relay: 'Empty: the relay makes one, to be entered at the provider.',
  'public-key': 'The provider’s public key, as base64 or PEM.',
  none: '',
};
