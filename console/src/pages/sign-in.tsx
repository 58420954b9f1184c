/** The way in: a key, and with the admin key a tenant. */
import { useEffect, useState } from 'preact/hooks';
import { TextField } from '../parts/field.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { failureIn, type Failure } from '../relay/failure.ts';
import { Relay } from '../relay/relay.ts';
import type { Session } from '../relay/session.ts';
import type { Me } from '../relay/answers.ts';
import icon from '../posthorn.svg';

interface SignInProps {
  /** Why one is here again. */
  readonly notice: string | null;
  readonly onSignedIn: (session: Session, me: Me) => void;
}

export function SignIn({ notice, onSignedIn }: SignInProps) {
  const [key, setKey] = useState('');
  const [tenant, setTenant] = useState('');
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    document.title = 'Sign in · Posthorn';
  }, []);

  const signIn = async () => {
    const session = { key: key.trim(), tenant: tenant.trim() === '' ? null : tenant.trim() };
    setRunning(true);
    setFailure(null);
    try {
      onSignedIn(session, await new Relay(session, () => undefined).read<Me>('/v1/me'));
    } catch (error) {
      setFailure(failureIn(error));
      setRunning(false);
    }
  };

  const isWrongKey = failure?.code === 'unauthorized';
  return (
    <main id="main" class="sign-in">
      <h1>
        <img src={icon} alt="" width="40" height="40" /> Posthorn
      </h1>
      {notice !== null && (
        <p class="trouble" role="alert">
          {notice}
        </p>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRunning) void signIn();
        }}
      >
        <TextField
          label="Key"
          type="password"
          value={key}
          onText={setKey}
          isRequired
          hint="A key of a tenant (ph_…) or the admin key. It is kept in this tab and nowhere else."
          problem={isWrongKey ? 'This key is unknown, revoked or expired.' : null}
        />
        <details open={tenant !== ''}>
          <summary>Another tenant, with the admin key</summary>
          <TextField
            label="Tenant"
            value={tenant}
            onText={setTenant}
            hint="The admin key opens every tenant. Empty: default."
          />
        </details>
        {!isWrongKey && <Trouble failure={failure} />}
        <button type="submit" class="primary" disabled={isRunning}>
          {isRunning ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <p class="faint">
        No key yet? <code>npm start</code> prints where the admin key lies. The API is at{' '}
        <a href="/docs" target="_self">
          /docs
        </a>
        .
      </p>
    </main>
  );
}
