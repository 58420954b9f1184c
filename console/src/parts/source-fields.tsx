/** The fields of a source, of a new one and of one that is there. */
import type { Provider } from '../relay/answers.ts';
import { PATHS, type SourceForm } from '../words/source-form.ts';
import { TextField } from './field.tsx';

interface SourceFieldsProps {
  readonly provider: Provider | undefined;
  readonly form: SourceForm;
  readonly set: (change: Partial<SourceForm>) => void;
  /** By the path of a member, such as `options/environment`. */
  readonly problemOf: (member: string) => string | null;
}

export function SourceFields({ provider, form, set, problemOf }: SourceFieldsProps) {
  const within = (member: 'options' | 'paths' | 'site', name: string) => ({
    value: form[member][name] ?? '',
    onText: (text: string) => set({ [member]: { ...form[member], [name]: text } }),
    problem: problemOf(`${member}/${name}`),
  });
  const WRITE_ONLY = 'Write-only: *** stands for the one that is there.';
  return (
    <>
      {Object.entries(provider?.options ?? {}).map(([option, { label, default: usual }]) => (
        <TextField
          key={option}
          label={label}
          {...within('options', option)}
          hint={usual === null ? 'Required.' : `Empty: ${usual}.`}
        />
      ))}
      {provider?.id === 'custom' && (
        <TextField
          label="Recipe"
          rows={12}
          value={form.recipe}
          onText={(recipe) => set({ recipe })}
          problem={problemOf('recipe')}
          hint="How its requests are verified and read, as JSON."
        />
      )}
      <details>
        <summary>More</summary>
        <div class="two">
          <TextField
            label="Your own id"
            value={form.uid}
            onText={(uid) => set({ uid })}
            problem={problemOf('uid')}
            hint="A stable name for tools; unique among the sources."
          />
          <TextField
            label="Subscription ends"
            type="datetime-local"
            value={form.expiresAt}
            onText={(expiresAt) => set({ expiresAt })}
            problem={problemOf('expiresAt')}
            hint="At the provider. A notice is sent a day before. Empty: never, or unknown."
          />
          {PATHS.map((name) => (
            <TextField
              key={name}
              label={`Path of ${name}`}
              {...within('paths', name)}
              placeholder="/record/id"
              hint="A JSON Pointer into the body. Empty: where this provider states it."
            />
          ))}
        </div>
        {provider?.id === 'superoffice' && (
          <>
            <p>For hooks that run a CrmScript: how this SuperOffice is called.</p>
            <div class="two">
              <TextField label="Base URL" type="url" {...within('site', 'url')} />
              <TextField
                label="Authorization"
                type="password"
                {...within('site', 'authorization')}
                placeholder="Basic …"
                hint={WRITE_ONLY}
              />
              <TextField
                label="SO-AppToken"
                type="password"
                {...within('site', 'appToken')}
                hint={WRITE_ONLY}
              />
            </div>
          </>
        )}
      </details>
    </>
  );
}
