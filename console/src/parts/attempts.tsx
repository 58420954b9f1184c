/** Each attempt of a delivery: when, how long, what was sent, what was answered. */
import type { Attempt } from '../relay/answers.ts';
import { attemptWords } from '../words/reason.ts';
import { milliseconds } from '../words/time.ts';
import { Badge } from './badge.tsx';
import { LongText, Said } from './said.tsx';
import { When } from './when.tsx';

export function Attempts({ log }: { readonly log: readonly Attempt[] }) {
  if (log.length === 0) return <p class="none">No attempt has been made yet.</p>;
  return (
    <ol class="timeline">
      {log.toReversed().map((attempt, index) => (
        <li key={attempt.number}>
          <details open={index === 0}>
            <summary>
              Attempt {attempt.number} <Badge state={attempt.outcome} />{' '}
              {attemptWords(attempt.statusCode, attempt.error)}{' '}
              <span class="faint">
                <When at={attempt.at} />, took {milliseconds(attempt.durationMs)}
              </span>
            </summary>
            {attempt.detail !== null && (
              <p>
                <Said text={attempt.detail} most={600} />
              </p>
            )}
            {attempt.responseExcerpt !== null && attempt.responseExcerpt !== '' && (
              <>
                <h3>The receiver answered</h3>
                <LongText text={attempt.responseExcerpt} label={`Answer to attempt ${attempt.number}`} />
              </>
            )}
            <Headers title="Headers of the answer" headers={attempt.responseHeaders} />
            <Headers title="Headers of the request" headers={attempt.requestHeaders} />
          </details>
        </li>
      ))}
    </ol>
  );
}

export function Headers({
  title,
  headers,
}: {
  readonly title: string;
  readonly headers: Readonly<Record<string, string>> | null;
}) {
  if (headers === null || Object.keys(headers).length === 0) return null;
  return (
    <details>
      <summary>{title}</summary>
      <dl class="facts headers">
        {Object.entries(headers).flatMap(([name, value]) => [
          <dt key={name}>
            <Said text={name} />
          </dt>,
          <dd key={`${name}:`}>
            <Said text={value} most={600} />
          </dd>,
        ])}
      </dl>
    </details>
  );
}
