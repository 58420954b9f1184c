/** What went wrong with a call, in words, with what to do. */
import type { Failure } from '../relay/failure.ts';
import { told } from '../words/failure.ts';
import { Said } from './said.tsx';

interface TroubleProps {
  readonly failure: Failure | null;
  readonly onRetry?: (() => void) | undefined;
  readonly retryLabel?: string;
}

export function Trouble({ failure, onRetry, retryLabel = 'Try again' }: TroubleProps) {
  if (failure === null) return null;
  const { title, advice } = told(failure);
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>{title}</strong> {advice}
      </p>
      {failure.detail !== '' && (
        <p>
          The relay says: <Said text={failure.detail} most={400} />
        </p>
      )}
      {failure.errors.length > 0 && (
        <ul>
          {failure.errors.map(({ path, expected, got }) => (
            <li key={path}>
              <code>{path}</code>: expected <Said text={expected} most={300} />, got{' '}
              <Said text={got} most={300} />
            </li>
          ))}
        </ul>
      )}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {retryLabel}
        </button>
      )}
    </div>
  );
}
