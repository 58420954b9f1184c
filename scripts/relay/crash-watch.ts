/**
 * Notices that workerd dies again and again, and over what. After the second death the Worker tells of each request of a
 * hook before it leaves and when it is over (src/hook/trace.ts), so the next one shows which were under way. Then
 * deliveries are held: a relay that dies over one of them serves nobody. Decides; does nothing itself.
 */

/** A request of a hook. */
export interface Suspect {
  readonly tenant: string;
  readonly hookId: number;
  readonly eventId: string;
  /** In how many deaths it was under way. */
  readonly deaths: number;
}

/** What is to be done about a death. `give-up`: it dies with deliveries held as well. */
export type Measure = 'trace' | 'hold' | 'give-up' | null;

/** Deaths further apart than this have nothing to do with each other. */
const WINDOW_MS = 5 * 60_000;
const TRACE_FROM = 2;
const HOLD_FROM = 4;
/** Even where nothing is known of what it dies over. */
const HOLD_ANYWAY_FROM = 7;
const GIVE_UP_FROM = 3;
const SUSPECTS_SHOWN = 5;

const TRACE = /^posthorn trace (begun|ended) (\S+) (\d+) (\S+)$/;

export class CrashWatch {
  #deathsMs: number[] = [];
  #measure: 'none' | 'trace' | 'hold' = 'none';
  readonly #underWay = new Set<string>();
  readonly #deathsOf = new Map<string, number>();

  /** Reads a line that the Worker has printed. False: it is not for this. */
  reads(line: string): boolean {
    const [, what, ...request] = TRACE.exec(line) ?? [];
    if (what === undefined) return false;
    const key = request.join(' ');
    if (what === 'begun') this.#underWay.add(key);
    else this.#underWay.delete(key);
    return true;
  }

  died(nowMs: number): Measure {
    this.#deathsMs = [...this.#deathsMs.filter((ms) => nowMs - ms < WINDOW_MS), nowMs];
    for (const key of this.#underWay) this.#deathsOf.set(key, (this.#deathsOf.get(key) ?? 0) + 1);
    this.#underWay.clear();
    const { length: deaths } = this.#deathsMs;
    switch (this.#measure) {
      case 'hold':
        return deaths >= GIVE_UP_FROM ? 'give-up' : null;
      case 'trace':
        if (deaths < (this.#deathsOf.size > 0 ? HOLD_FROM : HOLD_ANYWAY_FROM)) return null;
        this.#measure = 'hold';
        this.#deathsMs = [];
        return 'hold';
      case 'none':
        if (deaths < TRACE_FROM) return null;
        this.#measure = 'trace';
        return 'trace';
    }
  }

  /** Those that were under way most often first. */
  get suspects(): Suspect[] {
    return [...this.#deathsOf]
      .map(([key, deaths]) => {
        const [tenant = '', hookId = '', eventId = ''] = key.split(' ');
        return { tenant, hookId: Number(hookId), eventId, deaths };
      })
      .toSorted((one, other) => other.deaths - one.deaths)
      .slice(0, SUSPECTS_SHOWN);
  }
}

/** `url`: of the relay; `key`: for a shell, what stands for the admin key. */
export function holdNotice(suspects: readonly Suspect[], url: string, key: string): string {
  const [first] = suspects;
  if (first === undefined) {
    return [
      'posthorn: workerd ends again and again, and nothing shows over what.',
      'Deliveries are held until the next start; everything else goes on.',
    ].join('\n');
  }
  return [
    'posthorn: workerd ends again and again. These requests were under way when it did:',
    ...suspects.map(
      ({ tenant, hookId, eventId, deaths }) =>
        `  event ${eventId} for hook ${hookId} of tenant ${tenant}: ${deaths === 1 ? 'once' : `${deaths} times`}`,
    ),
    'Deliveries are held until the next start; everything else goes on. Cancel what workerd ends over, then start again:',
    `  curl -X POST ${url}/v1/hooks/${first.hookId}/deliveries/${first.eventId}/cancel \\`,
    `    -H "authorization: Bearer ${key}" -H "posthorn-tenant: ${first.tenant}"`,
  ].join('\n');
}

export const GIVE_UP_NOTICE =
  'posthorn: workerd ends again and again, also with deliveries held. The relay stops; what was accepted is on disk.';
