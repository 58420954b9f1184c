/** Why things are as they are: the relay's reasons, each in a sentence. */

const WAITING: Readonly<Record<string, string>> = {
  paused: 'The hook is paused. Its deliveries are held until somebody resumes it.',
  disabled: 'The hook is disabled. Its deliveries are held until somebody resumes it.',
  'retry-after': 'The receiver asked to be left alone for a while (Retry-After).',
  failing: 'The receiver keeps failing. One delivery at a time goes out to see whether it is back.',
  'rate-limit': 'The rate limit of the hook is used up for this second.',
  'delivery-paused': 'The operator has paused all deliveries of the relay.',
  storage: 'What became of a delivery could not be written, so nothing more is sent.',
  secrets: 'Its secrets cannot be read: the relay lacks the key that they are encrypted with.',
  'no-listener': 'Nobody listens. Connect with `posthorn listen` and its deliveries go out.',
  'fan-out': 'The event is on its way to the queue of this hook.',
  'in-flight': 'An attempt is under way right now.',
  order: 'An earlier delivery of the same subject has to end first.',
  schedule: 'The last attempt failed. The next one is due by the retry schedule.',
};

export function waitingWords(reason: string): string {
  return WAITING[reason] ?? `It waits: ${reason}.`;
}

const SKIPPED: Readonly<Record<string, string>> = {
  pattern: 'None of the hook’s event patterns matches the type of this event.',
  source: 'The hook takes events of certain sources, and this one is of another.',
  filter: 'A filter of the hook excluded this event.',
  'created-later': 'The hook was created after this event.',
  deleted: 'The hook had been deleted by then.',
  'queue-full': 'The queue of the hook was full. Replay what is missing once there is room.',
};

const ENDED: Readonly<Record<string, string>> = {
  format: 'This event cannot be sent in the format of the hook.',
  template: 'The template of the hook could not be rendered with this event.',
  gone: 'The receiver answered 410: it is gone for good.',
  exhausted: 'Every attempt of the retry schedule failed.',
  'gave-up': 'The receiver answered with a status on which this hook gives up.',
  cancelled: 'Somebody cancelled it.',
  expired: 'It was held longer than deliveries are kept.',
  paused: 'The hook is paused.',
  disabled: 'The hook is disabled.',
};

export function reasonWords(reason: string): string {
  return SKIPPED[reason] ?? ENDED[reason] ?? `Reason: ${reason}.`;
}

const DISABLED: Readonly<Record<string, string>> = {
  gone: 'its receiver answered 410 Gone',
  exhausted: 'every attempt failed for too long',
  disabled: 'every attempt failed for too long',
};

export function disabledWords(reason: string | null): string {
  return reason === null ? 'it was disabled' : (DISABLED[reason] ?? `it was disabled (${reason})`);
}

const ERRORS: Readonly<Record<string, string>> = {
  redirect: 'redirected, which is never followed',
  timeout: 'no answer in time',
  'connection-lost': 'the connection broke',
  unreachable: 'not reachable: DNS, TLS or nobody listens',
  'target-refused': 'the target is not allowed',
  format: 'cannot be sent in this format',
  template: 'the template failed',
  auth: 'no access token',
};

/** The kind of the last error of a hook. */
export function errorWords(error: string): string {
  return error === 'status' ? 'answered with an error' : (ERRORS[error] ?? error);
}

/** What an attempt came to: `answered 500`, `no answer in time`. */
export function attemptWords(statusCode: number | null, error: string | null): string {
  const words = error === null || error === 'status' ? undefined : (ERRORS[error] ?? error);
  if (statusCode === null) return words ?? 'no answer';
  return words === undefined ? `answered ${statusCode}` : `answered ${statusCode}: ${words}`;
}

/** Of a delivery: what each status means. */
export const STATUS_WORDS: Readonly<Record<string, string>> = {
  pending: 'It has not ended: it goes out, or is tried again.',
  delivered: 'The receiver answered 2xx.',
  dead: 'No further attempt is made unless somebody asks for one.',
  held: 'It waits until the hook is resumed.',
  cancelled: 'It will not be sent.',
  skipped: 'The hook did not want this event.',
};
