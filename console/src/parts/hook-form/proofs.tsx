/** How a hook proves itself to its receiver: signatures, authentication, headers. */
import { AUTH_MEMBERS } from '../../words/hook-form.ts';
import { MOST_SIGNATURES, NEW_SIGNATURE, type SignatureForm } from '../../words/signature-form.ts';
import { ChoiceField, TextField } from '../field.tsx';
import type { FormPart } from './fieldset.ts';

const WRITE_ONLY = 'Write-only: *** stands for the one that is there.';

export function Proofs(part: FormPart) {
  const { form, set, text } = part;
  return (
    <details class="card">
      <summary>Signatures, authentication and headers</summary>
      <ChoiceField
        label="Standard Webhooks signature"
        {...text('signing')}
        options={[
          ['hmac', 'hmac: a shared secret'],
          ['ed25519', 'ed25519: a key pair; the receiver needs only the public key'],
          ['both', 'both'],
        ]}
      />
      <Signatures {...part} />
      <ChoiceField
        label="Authentication at the receiver"
        {...text('authType', 'auth')}
        options={[
          ['none', 'none'],
          ['bearer', 'bearer token'],
          ['basic', 'user name and password'],
          ['oauth2', 'OAuth2 client credentials'],
        ]}
      />
      <div class="two">
        {(AUTH_MEMBERS[form.authType] ?? []).map(({ name, isSecret }) => {
          const value = form.authMembers[name] ?? '';
          const onText = (changed: string) => set({ authMembers: { ...form.authMembers, [name]: changed } });
          return name === 'credentials' ? (
            <ChoiceField
              key={name}
              label="credentials in"
              value={value}
              onText={onText}
              options={[
                ['', 'the header (default)'],
                ['header', 'the header'],
                ['body', 'the body'],
              ]}
            />
          ) : (
            <TextField
              key={name}
              label={name}
              type={isSecret ? 'password' : 'text'}
              value={value}
              onText={onText}
              hint={isSecret ? WRITE_ONLY : undefined}
            />
          );
        })}
      </div>
      <TextField
        label="Additional headers"
        rows={2}
        {...text('headers')}
        placeholder="x-team: billing"
        hint={`One a line. ${WRITE_ONLY}`}
      />
    </details>
  );
}

/** For receivers that already check a signature of their own kind. */
function Signatures({ form, set, problemOf }: FormPart) {
  const { signatures } = form;
  const change = (at: number, members: Partial<SignatureForm>) =>
    set({ signatures: signatures.map((one, index) => (index === at ? { ...one, ...members } : one)) });
  const problem = problemOf('signatures');
  return (
    <fieldset class="plain">
      <legend>Additional signatures</legend>
      {signatures.map((signature, at) => (
        <Signature
          key={at}
          signature={signature}
          onChange={(members) => change(at, members)}
          onRemove={() => set({ signatures: signatures.filter((_, index) => index !== at) })}
        />
      ))}
      {signatures.length < MOST_SIGNATURES && (
        <p>
          <button type="button" onClick={() => set({ signatures: [...signatures, NEW_SIGNATURE] })}>
            Add a signature
          </button>
        </p>
      )}
      <p class="problem" aria-live="polite">
        {problem ?? ''}
      </p>
    </fieldset>
  );
}

interface SignatureProps {
  readonly signature: SignatureForm;
  readonly onChange: (members: Partial<SignatureForm>) => void;
  readonly onRemove: () => void;
}

function Signature({ signature, onChange, onRemove }: SignatureProps) {
  const field = (name: keyof SignatureForm) => ({
    value: signature[name],
    onText: (value: string) => onChange({ [name]: value }),
  });
  const choices = (names: readonly string[]) => names.map((name) => [name, name] as const);
  return (
    <div class="two signature">
      <TextField label="Header of the signature" {...field('header')} />
      <TextField label="Secret of the signature" type="password" {...field('secret')} hint={WRITE_ONLY} />
      <ChoiceField label="Digest" {...field('digest')} options={choices(['sha256', 'sha1', 'sha512'])} />
      <ChoiceField
        label="The secret is"
        {...field('key')}
        options={choices(['text', 'base64', 'hex', 'whsec'])}
      />
      <ChoiceField
        label="Encoding"
        {...field('encoding')}
        options={choices(['hex', 'base64', 'base64url'])}
      />
      <TextField label="Prefix" {...field('prefix')} placeholder="sha256=" />
      <TextField
        label="What is signed"
        {...field('message')}
        hint="{body}, {timestamp}, {url}, {method} and {header:name} are filled in."
      />
      <p>
        <button type="button" class="danger" onClick={onRemove}>
          Remove this signature
        </button>
      </p>
    </div>
  );
}
