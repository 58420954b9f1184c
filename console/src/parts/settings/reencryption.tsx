/** Brings all secrets in storage under the newest key of the relay. */
import { useState } from 'preact/hooks';
import { useAction } from '../../relay/use-call.ts';
import type { Reencrypted } from '../../relay/answers.ts';
import { count } from '../../words/text.ts';
import { Trouble } from '../trouble.tsx';

/** A call does a part; they are made until it is done. */
const MOST_CALLS = 1_000;

export function Reencryption() {
  const [progress, setProgress] = useState<Reencrypted | null>(null);
  const running = useAction(async (relay) => {
    for (let call = 0; call < MOST_CALLS; call += 1) {
      const now = await relay.call<Reencrypted>('POST', '/v1/secrets/reencrypt');
      setProgress(now);
      if (now.state !== 'running') return;
    }
  });
  return (
    <section class="card" aria-labelledby="reencryption">
      <h2 id="reencryption" class="first">
        Encryption of secrets
      </h2>
      <p>
        After a new key was put in front of <code>POSTHORN_SECRETS_KEY</code>, this encrypts everything under
        it, for all tenants. Then the old key can be removed.
      </p>
      <p>
        <button type="button" disabled={running.isRunning} onClick={() => void running.run()}>
          {running.isRunning ? 'Encrypting…' : 'Encrypt under the newest key'}
        </button>
      </p>
      <p role="status">{progress !== null && wordsOf(progress)}</p>
      <Trouble failure={running.failure} />
    </section>
  );
}

function wordsOf({ state, remaining, unreadable }: Reencrypted): string {
  const done =
    state === 'done'
      ? 'Everything is under the newest key.'
      : `${count(remaining, 'row is', 'rows are')} left.`;
  return unreadable === 0
    ? done
    : `${done} ${count(unreadable, 'row', 'rows')} could not be read and stayed as they were.`;
}
