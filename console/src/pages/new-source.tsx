/** A provider is connected: which one, what it needs, and then where to point it. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Trouble } from '../parts/trouble.tsx';
import type { Provider, Source } from '../relay/answers.ts';
import { useAction, useCall } from '../relay/use-call.ts';
import { errorsAt } from '../words/failure.ts';

const RECIPE = `{
  "verify": [{ "scheme": "hmac", "digest": "sha256", "key": "text",
    "signature": { "header": "x-signature", "encoding": "hex" }, "message": ["{body}"] }],
  "event": { "name": "{/type}", "id": "{/id}" }
}`;

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
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [options, setOptions] = useState<Readonly<Record<string, string>>>({});
  const [recipe, setRecipe] = useState(RECIPE);
  const provider = providers.find((one) => one.id === id);
  const isCustom = id === 'custom';
  const recipeProblem = isCustom ? jsonProblem(recipe) : null;
  const saving = useAction(async (relay) => {
    const source = await relay.call<Source>('POST', '/v1/sources', {
      body: {
        provider: id,
        name: name.trim() === '' ? (provider?.name ?? id) : name,
        ...(secret === '' ? {} : { secret }),
        ...(Object.keys(options).length === 0 ? {} : { options }),
        ...(isCustom ? { recipe: JSON.parse(recipe) as unknown } : {}),
      },
    });
    route(`/console/sources/${source.id}`);
  });
  const { failure } = saving;

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
            setOptions({});
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
          value={name}
          onText={setName}
          problem={errorsAt(failure, 'name')}
          hint="For people. Empty: the name of the provider."
        />
        {provider !== undefined && provider.secret.from !== 'none' && (
          <TextField
            label={provider.secret.label === '' ? 'Secret' : provider.secret.label}
            type="password"
            value={secret}
            onText={setSecret}
            problem={errorsAt(failure, 'secret')}
            hint={SECRET_HINTS[provider.secret.from]}
          />
        )}
        {Object.entries(provider?.options ?? {}).map(([option, { label, default: usual }]) => (
          <TextField
            key={option}
            label={label}
            value={options[option] ?? ''}
            onText={(text) =>
              setOptions(
                Object.fromEntries(
                  Object.entries({ ...options, [option]: text }).filter(([, value]) => value !== ''),
                ),
              )
            }
            problem={errorsAt(failure, `options/${option}`)}
            hint={usual === null ? 'Needed.' : `Empty: ${usual}.`}
          />
        ))}
        {isCustom && (
          <TextField
            label="Recipe"
            rows={12}
            value={recipe}
            onText={setRecipe}
            problem={recipeProblem ?? errorsAt(failure, 'recipe')}
            hint="How its requests are verified and read, as JSON."
          />
        )}
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

function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
