import { useState } from 'preact/hooks';

/** Copies a text; says so where it stands. Without leave for the clipboard it says that instead. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const copy = () => {
    // Absent where the page is not served over https or from this machine.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const writing = clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    writing.then(
      () => setState('copied'),
      () => setState('refused'),
    );
  };
  const words = { idle: 'Copy', copied: 'Copied', refused: 'Select and copy it by hand' }[state];
  return (
    <button type="button" class="quiet" onClick={copy} aria-label={`${words}: ${what}`}>
      {words}
    </button>
  );
}
