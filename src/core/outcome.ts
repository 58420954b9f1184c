/**
 * What one attempt came to, by the table of contract §6. Decides nothing about what follows: whether a failed
 * delivery is tried again is settled elsewhere.
 */

/**
 * No answer arrived. `target-refused`: the URL no longer passes the target rules, `auth`: there is no token to send along;
 * nothing was sent.
 */
export type TransportError = 'timeout' | 'connection-lost' | 'unreachable' | 'target-refused' | 'auth';

/**
 * The closed list of `error` codes in attempt logs. `format`: no request can carry the event, `template`: it cannot be
 * rendered; nothing was sent.
 */
export const ATTEMPT_ERRORS = [
  'status',
  'redirect',
  'timeout',
  'connection-lost',
  'unreachable',
  'target-refused',
  'format',
  'template',
  'auth',
] as const;
export type AttemptError = (typeof ATTEMPT_ERRORS)[number];

/** What an attempt gave: an answer (whatever its status), or none. `retryAfter` is the header's text. */
export type AttemptResult =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: 'failed'; readonly error: TransportError };

/** `retryAfter` is kept only where it counts: on the answers 429 and 503. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly statusCode: number }
  | { readonly kind: 'gone'; readonly statusCode: number; readonly error: AttemptError }
  | { readonly kind: 'gave-up'; readonly statusCode: number; readonly error: AttemptError }
  | {
      readonly kind: 'failed';
      readonly statusCode: number | null;
      readonly error: AttemptError;
      readonly about: About;
      readonly retryAfter: string | null;
    };

/**
 * What a failure is about. `request`: the receiver is there and will not have this event, which says nothing of the
 * others · `receiver`: others would fare the same.
 */
export type About = 'request' | 'receiver';

export interface OutcomeRow {
  /** How the documentation names the row. */
  readonly answer: string;
  /** Ranges, first and last inclusive; `give-up-on` stands for the hook's own list. */
  readonly statuses: readonly (readonly [number, number])[] | 'give-up-on';
  readonly outcome: Outcome['kind'];
  /** Null: delivered, or (`give-up-on`) the code that the status has without that row. */
  readonly error: AttemptError | null;
  /** Null where the outcome is not `failed`: then it is neither's failure. */
  readonly about: About | null;
}

/**
 * The first row that matches decides: no hook's list can turn a 2xx, a 3xx or a 410 into something else. The 4xx that
 * are about the receiver speak of credentials (401, 402, 403, 407), of the address (404, 421, 451), of its time or load
 * (408, 423, 425, 429) or of its protocol (426): whatever the event.
 */
export const OUTCOME_TABLE = [
  { answer: '2xx', statuses: [[200, 299]], outcome: 'delivered', error: null, about: null },
  { answer: '3xx', statuses: [[300, 399]], outcome: 'failed', error: 'redirect', about: 'receiver' },
  { answer: '410', statuses: [[410, 410]], outcome: 'gone', error: 'status', about: null },
  { answer: 'in giveUpOn', statuses: 'give-up-on', outcome: 'gave-up', error: null, about: null },
  {
    answer: 'some 4xx',
    statuses: [
      [401, 404],
      [407, 408],
      [421, 421],
      [423, 423],
      [425, 426],
      [429, 429],
      [451, 451],
    ],
    outcome: 'failed',
    error: 'status',
    about: 'receiver',
  },
  { answer: 'other 4xx', statuses: [[400, 499]], outcome: 'failed', error: 'status', about: 'request' },
  {
    answer: '520 to 530',
    statuses: [[520, 530]],
    outcome: 'failed',
    error: 'unreachable',
    about: 'receiver',
  },
] as const satisfies readonly OutcomeRow[];

/** The last row: whatever no other one names. */
export const OTHER_STATUS = {
  answer: 'any other status',
  outcome: 'failed',
  error: 'status',
  about: 'receiver',
} as const satisfies Omit<OutcomeRow, 'statuses'>;

const RETRY_AFTER_STATUSES: readonly number[] = [429, 503];

/** Classifies one attempt. Total: every status number and every error has an outcome. */
export function outcomeOf(result: AttemptResult, giveUpOn: readonly number[]): Outcome {
  if (result.kind === 'failed') {
    return { kind: 'failed', statusCode: null, error: result.error, about: 'receiver', retryAfter: null };
  }
  const statusCode = result.status;
  const row = rowOf(statusCode, giveUpOn);
  const error = row.error ?? rowOf(statusCode, []).error ?? OTHER_STATUS.error;
  switch (row.outcome) {
    case 'delivered':
      return { kind: 'delivered', statusCode };
    case 'gone':
    case 'gave-up':
      return { kind: row.outcome, statusCode, error };
    case 'failed': {
      const retryAfter = RETRY_AFTER_STATUSES.includes(statusCode) ? result.retryAfter : null;
      return { kind: 'failed', statusCode, error, about: row.about, retryAfter };
    }
  }
}

type Row = (typeof OUTCOME_TABLE)[number] | typeof OTHER_STATUS;

function rowOf(status: number, giveUpOn: readonly number[]): Row {
  const row = OUTCOME_TABLE.find(({ statuses }) =>
    statuses === 'give-up-on'
      ? giveUpOn.includes(status)
      : statuses.some(([first, last]) => status >= first && status <= last),
  );
  return row ?? OTHER_STATUS;
}

/**
 * The error code of a rejected `fetch`. All that workerd tells is its message: DNS and TLS failures are both
 * "internal error; reference = …", a refused, reset, half-closed or garbled connection is "Network connection
 * lost.". An abort (without a reason, or with a TimeoutError) is our own deadline: nothing else aborts an attempt.
 * Anything unknown is `connection-lost`.
 */
export function classifyThrown(error: unknown): TransportError {
  if (!(error instanceof Error)) return 'connection-lost';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  return error.message.startsWith('internal error') ? 'unreachable' : 'connection-lost';
}
