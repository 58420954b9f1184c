/** A secret, shown when somebody asks for it, and how to give it a new one. */
import { useState } from 'preact/hooks';
import type { Relay } from '../relay/relay.ts';
import { useAction } from '../relay/use-call.ts';
import { errorsAt } from '../words/failure.ts';
import { ChoiceField, TextField } from './field.tsx';
import { CopyButton } from './copy-button.tsx';
import { Modal } from './modal.tsx';
import { Said } from './said.tsx';
import { Trouble } from './trouble.tsx';

interface Secret {
  readonly secret: string | null;
}

/** `path`: of the hook or source. */
export function SecretButton({ path }: { readonly path: string }) {
  const [shown, setShown] = useState<Secret | null>(null);
  const [isRotating, setRotating] = useState(false);
  const [overlap, setOverlap] = useState('86400');
  const [own, setOwn] = useState('');
  const reading = useAction(async (relay: Relay) => setShown(await relay.read<Secret>(`${path}/secret`)));
  const rotating = useAction(async (relay: Relay) => {
    const secret = own.trim();
    const body = { overlapSeconds: Number(overlap), ...(secret === '' ? {} : { secret }) };
    setShown(await relay.call<Secret>('POST', `${path}/rotate-secret`, { body }));
  });
  const rotate = async () => {
    if (!(await rotating.run())) return;
    setRotating(false);
    setOwn('');
  };
  return (
    <>
      <button type="button" onClick={() => void reading.run()} disabled={reading.isRunning}>
        Show the secret
      </button>
      <button type="button" onClick={() => setRotating(true)}>
        Change the secret
      </button>
      <Trouble failure={reading.failure} />
      {isRotating && (
        <Modal title="Change the secret" onClose={() => setRotating(false)}>
          <TextField
            label="The new secret"
            type="password"
            value={own}
            onText={setOwn}
            hint="Enter the one that the other side shows. Empty: the relay makes one."
            problem={errorsAt(rotating.failure, 'secret')}
          />
          <ChoiceField
            label="The previous one stays valid for"
            value={overlap}
            onText={setOverlap}
            options={[
              ['0', 'no time at all'],
              ['3600', 'an hour'],
              ['86400', 'a day'],
              ['604800', 'a week'],
            ]}
          />
          <Trouble failure={rotating.failure} />
          <div class="row end">
            <button type="button" onClick={() => setRotating(false)}>
              Cancel
            </button>
            <button type="button" class="primary" disabled={rotating.isRunning} onClick={() => void rotate()}>
              Change it
            </button>
          </div>
        </Modal>
      )}
      {shown !== null && (
        <Modal title="The secret" onClose={() => setShown(null)}>
          {shown.secret === null ? (
            <p>There is none.</p>
          ) : (
            <p>
              <code>
                <Said text={shown.secret} most={2000} />
              </code>{' '}
              <CopyButton text={shown.secret} what="secret" />
            </p>
          )}
          <div class="row end">
            <button type="button" class="primary" onClick={() => setShown(null)}>
              Close
            </button>
          </div>
        </Modal>
      )}
    </>
  );
}
