/** A call that came to nothing, told to whoever made it: what happened, and what to do about it. */
import type { Failure } from '../relay/failure.ts';
import { span } from './time.ts';

export interface Told {
  readonly title: string;
  readonly advice: string;
}

export function told(failure: Failure): Told {
  const { status, code, retryAfterSeconds } = failure;
  const wait = retryAfterSeconds === null ? 'a moment' : span(retryAfterSeconds);
  switch (code) {
    case 'unreachable':
      return {
        title: 'No answer from the relay.',
        advice: 'The connection was lost, or the relay is not running. Check both, then try again.',
      };
    case 'unauthorized':
      return {
        title: 'This key no longer works.',
        advice: 'It has expired or was revoked. Sign in with another one.',
      };
    case 'forbidden':
      return {
        title: 'This key may not do that.',
        advice: 'Sign in with a key whose role allows it, or ask somebody who has one.',
      };
    case 'quota-exceeded':
      return {
        title: 'There are as many of these as this tenant may have.',
        advice: 'Delete some that are no longer used, or have the operator raise the limit.',
      };
    case 'conflict':
      return {
        title: 'It does not go together with what is there.',
        advice: 'Load the page again and look.',
      };
    case 'precondition-failed':
      return {
        title: 'Somebody else changed it meanwhile.',
        advice: 'Nothing was saved. Load it again, look at what changed, and make your change once more.',
      };
    case 'rate-limited':
      return { title: 'Too many calls.', advice: `Wait ${wait}, then try again.` };
    case 'invalid':
      return {
        title: 'The relay does not take this.',
        advice: 'Correct what is named here; nothing was changed.',
      };
    case 'not-found':
      return {
        title: 'It is not there.',
        advice: 'It was deleted, this key does not see it, or this relay is older than the console.',
      };
    case 'too-large':
      return { title: 'It is too large.', advice: 'Make it smaller; nothing was changed.' };
    case 'not-configured':
      return {
        title: 'The relay is not configured.',
        advice: 'Whoever runs it has to correct the settings named here and start it again.',
      };
    case 'paused':
      return { title: 'The operator has paused this.', advice: 'It opens again at the page Switches.' };
    case 'unavailable':
      return { title: 'The relay cannot do this right now.', advice: `Try again in ${wait}.` };
    default:
      break;
  }
  if (status >= 500) {
    return {
      title: `Something went wrong inside the relay (${status}).`,
      advice: `Try again in ${wait}. If it stays, the relay’s log says more.`,
    };
  }
  return {
    title: `The answer was not one of a Posthorn relay (${status}).`,
    advice: 'Something between this browser and the relay answered in its place, such as a proxy. Try again.',
  };
}

/** The errors of a member: those at its own path and below. `got` is shown as it came. */
export function errorsAt(failure: Failure | null, member: string): string | null {
  const pointer = `/${member}`;
  const found = (failure?.errors ?? []).filter(
    ({ path }) => path === pointer || path.startsWith(`${pointer}/`),
  );
  if (found.length === 0) return null;
  return found
    .map(({ path, expected, got }) => {
      const place = path === pointer ? '' : `${path.slice(pointer.length + 1)}: `;
      return `${place}expected ${expected}, got ${got}`;
    })
    .join('. ');
}
