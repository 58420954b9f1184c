/** What needs somebody's attention, worst first, each with its cause in a sentence and what helps. */
import type { DeliveryRow, Hook, HookRow, Source, Stats, Switches } from '../relay/answers.ts';
import { attemptWords, disabledWords, errorWords, waitingWords } from './reason.ts';
import { count } from './text.ts';
import { span } from './time.ts';

export type Remedy =
  | { readonly kind: 'resume'; readonly hookId: number; readonly label: string }
  | { readonly kind: 'look'; readonly href: string; readonly label: string };

export interface Attention {
  readonly key: string;
  /** Of the hook or source; a stranger's text. */
  readonly name: string;
  readonly href: string;
  readonly cause: string;
  /** How the last attempt failed. */
  readonly said: string | null;
  readonly remedies: readonly Remedy[];
}

/** Older than this is late, where nothing else explains it. */
const LATE_SECONDS = 300;
/** So many in a row are no hiccup. */
const FAILURES = 5;

/** What is known of the tenant, as far as it may need somebody. */
export interface Known {
  readonly hooks: readonly HookRow[];
  readonly sources: readonly Source[];
  /** Those of hooks in trouble: they say how an attempt failed. */
  readonly deliveries: readonly DeliveryRow[];
  /** null: not for this key. */
  readonly switches: Switches | null;
}

export function needsAttention(
  { hooks, sources, deliveries, switches }: Known,
  nowMs: number,
): readonly Attention[] {
  const said = lastFailures(deliveries);
  const found = [
    ...ofSwitches(hooks, switches),
    ...hooks.flatMap((hook) => ofHook(hook, said.get(hook.id) ?? saidBy(hook), nowMs)),
    ...sources.flatMap((source) => ofSource(source)),
  ];
  return found.toSorted((a, b) => a.rank - b.rank).map(({ rank: _rank, ...attention }) => attention);
}

type Ranked = Attention & { readonly rank: number };

/** Of each hook, how the newest of its deliveries that failed did so. */
function lastFailures(deliveries: readonly DeliveryRow[]): ReadonlyMap<number, string> {
  const said = new Map<number, string>();
  for (const { hookId, lastStatusCode, lastError } of deliveries) {
    const hasFailed = typeof lastError === 'string' || typeof lastStatusCode === 'number';
    if (hookId !== undefined && hasFailed && !said.has(hookId))
      said.set(hookId, attemptWords(lastStatusCode ?? null, lastError ?? null));
  }
  return said;
}

/** What holds up everybody is said once, not for each hook. */
function ofSwitches(hooks: readonly HookRow[], switches: Switches | null): Ranked[] {
  const look: Remedy[] =
    switches === null ? [] : [{ kind: 'look', href: '/console/switches', label: 'Open the switches' }];
  const base = { rank: -1, name: 'The whole relay', href: '/console/switches', said: null, remedies: look };
  const isHeld = switches?.delivery === 'paused' || hooks.some(isHeldForAll);
  return [
    ...(isHeld
      ? [{ ...base, key: 'delivery', cause: 'The operator has paused delivery: no hook sends.' }]
      : []),
    ...(switches?.ingest === 'paused'
      ? [
          {
            ...base,
            key: 'ingest',
            cause: 'The operator has paused ingest: every provider is answered 503.',
          },
        ]
      : []),
  ];
}

function isHeldForAll({ waiting }: HookRow): boolean {
  return waiting?.reason === 'delivery-paused';
}

function ofHook(hook: HookRow, said: string | null, nowMs: number): Ranked[] {
  const { id, state, stats, waiting } = hook;
  const href = `/console/hooks/${id}`;
  const base = { key: `hook:${id}`, name: hookTitle(hook), href };
  const deliveries = (status: string, label: string): Remedy => ({
    kind: 'look',
    href: `/console/deliveries?hook=${id}&status=${status}`,
    label,
  });
  const backlog = stats.pending === 0 ? '' : ` ${count(stats.pending, 'delivery waits', 'deliveries wait')}.`;
  if (state === 'disabled') {
    return [
      {
        ...base,
        rank: 0,
        cause: `Disabled: ${disabledWords(hook.stateReason)}.${backlog}`,
        // The cause says it already.
        said: hook.stateReason === 'gone' ? null : said,
        remedies: [{ kind: 'resume', hookId: id, label: 'Resume' }, deliveries('held', 'What is held')],
      },
    ];
  }
  // Where nothing waits, what went dead says it.
  if (isFailing(hook) && stats.pending > 0) {
    const since =
      stats.lastSuccessAt === null ? '' : `, no success for ${sinceWords(stats.lastSuccessAt, nowMs)}`;
    return [
      {
        ...base,
        rank: 1,
        cause: `Failing: ${count(stats.consecutiveFailures, 'failure')} in a row${since}.${backlog}`,
        said,
        remedies: [
          deliveries('pending', 'See its failures'),
          { kind: 'resume', hookId: id, label: 'Retry now' },
        ],
      },
    ];
  }
  const found: Ranked[] = [];
  if (isHeldForAll(hook)) return found;
  if (state === 'active' && waiting !== null && waiting.reason !== 'rate-limit') {
    found.push({
      ...base,
      rank: 2,
      cause: `${waitingWords(waiting.reason)}${backlog}`,
      said: null,
      remedies: [{ kind: 'look', href, label: 'Look at the hook' }],
    });
  } else if (state === 'active' && isLate(hook, nowMs)) {
    found.push({
      ...base,
      rank: 3,
      cause: `Behind: the oldest delivery has waited for ${sinceWords(hook.oldestPendingAt ?? '', nowMs)}.${backlog}`,
      said,
      remedies: [deliveries('pending', 'What is pending')],
    });
  }
  if (stats.dead > 0) {
    found.push({
      ...base,
      key: `dead:${id}`,
      rank: 4,
      cause: `${count(stats.dead, 'delivery is', 'deliveries are')} dead: no further attempt is made unless you ask for one.`,
      said,
      remedies: [
        deliveries('dead', 'See them'),
        { kind: 'look', href: `/console/replay?hook=${id}`, label: 'Replay' },
      ],
    });
  }
  if (state === 'paused' && stats.pending > 0) {
    found.push({
      ...base,
      rank: 5,
      cause: `Paused.${backlog}`,
      said: null,
      remedies: [{ kind: 'resume', hookId: id, label: 'Resume' }],
    });
  }
  return found;
}

function ofSource(source: Source): Ranked[] {
  const { rejected, lastAcceptedAt, lastRejectedAt, lastRejection } = source.stats;
  if (lastRejectedAt === null) return [];
  // What came through since then shows that it works.
  if (lastAcceptedAt !== null && lastAcceptedAt >= lastRejectedAt) return [];
  const all = rejected.signature + rejected.malformed + rejected.tooLarge;
  const href = `/console/sources/${source.id}`;
  return [
    {
      key: `source:${source.id}`,
      rank: 2,
      name: source.name || source.id,
      href,
      cause: `${count(all, 'request')} refused, the last one because ${rejectionWords(lastRejection)}.`,
      said: null,
      remedies: [{ kind: 'look', href, label: 'See what was refused' }],
    },
  ];
}

export function rejectionWords(rejection: string | null): string {
  switch (rejection) {
    case 'signature':
      return 'its signature was missing or wrong: the secret here is not the one at the provider';
    case 'malformed':
      return 'its body was not what this provider sends';
    case 'tooLarge':
      return 'its body was too large';
    default:
      return 'it did not fit';
  }
}

/** Of a hook that is neither paused nor disabled: does its receiver fail? */
export function isFailing({ state, waiting, stats }: Pick<Hook, 'state' | 'waiting' | 'stats'>): boolean {
  return state === 'active' && (waiting?.reason === 'failing' || stats.consecutiveFailures >= FAILURES);
}

export function hookTitle({ name, id }: Pick<Hook, 'name' | 'id'>): string {
  return name === '' ? `Hook ${id}` : name;
}

function saidBy({ stats }: HookRow): string | null {
  return stats.lastError === null ? null : errorWords(stats.lastError);
}

function isLate({ oldestPendingAt }: HookRow, nowMs: number): boolean {
  return typeof oldestPendingAt === 'string' && nowMs - Date.parse(oldestPendingAt) > LATE_SECONDS * 1000;
}

function sinceWords(time: string, nowMs: number): string {
  return span((nowMs - Date.parse(time)) / 1000);
}

/** The one number that says whether things flow. */
export function oldestWords({ pending, oldestPendingSeconds }: Stats): string {
  if (pending === 0 || oldestPendingSeconds === null) return 'Nothing waits.';
  return `The oldest waits for ${span(oldestPendingSeconds)}.`;
}
