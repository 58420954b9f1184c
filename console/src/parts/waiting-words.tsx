/** Why something waits, and until when. */
import type { Waiting } from '../relay/answers.ts';
import { waitingWords } from '../words/reason.ts';
import { When } from './when.tsx';

export function WaitingWords({ waiting }: { readonly waiting: Waiting }) {
  return (
    <p>
      {waitingWords(waiting.reason)}
      {waiting.until !== null && (
        <>
          {' '}
          The earliest is <When at={waiting.until} />.
        </>
      )}
    </p>
  );
}
