/** A button whose deed is asked about before it is done. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Relay } from '../relay/relay.ts';
import { useAction } from '../relay/use-call.ts';
import { Modal } from './modal.tsx';
import { Trouble } from './trouble.tsx';

interface AskButtonProps {
  readonly label: string;
  /** What the dialog asks; without it the deed is done at once. */
  readonly title?: string;
  readonly children?: ComponentChildren;
  readonly act: (relay: Relay) => Promise<unknown>;
  readonly onDone?: (() => void) | undefined;
  readonly tone?: 'danger' | 'primary' | undefined;
  /** Whether what the dialog asks for is there. */
  readonly isReady?: boolean;
}

export function AskButton({ label, title, children, act, onDone, tone, isReady = true }: AskButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const action = useAction(act);
  const close = () => {
    setAsking(false);
    action.clear();
  };
  const run = async () => {
    if (!(await action.run())) {
      if (title === undefined) setAsking(true);
      return;
    }
    setAsking(false);
    onDone?.();
  };
  return (
    <>
      <button
        type="button"
        class={tone}
        disabled={action.isRunning}
        onClick={() => (title === undefined ? void run() : setAsking(true))}
      >
        {label}
      </button>
      {isAsking && (
        <Modal title={title ?? `${label}: that did not work`} onClose={close}>
          {title !== undefined && children}
          <Trouble failure={action.failure} />
          <div class="row end">
            <button type="button" onClick={close}>
              {title === undefined ? 'Close' : 'Cancel'}
            </button>
            <button
              type="button"
              class={tone ?? 'primary'}
              disabled={action.isRunning || !isReady}
              onClick={() => void run()}
            >
              {title === undefined ? 'Try again' : label}
            </button>
          </div>
        </Modal>
      )}
    </>
  );
}
