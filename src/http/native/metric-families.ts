/** The figures of `/metrics`: their names, what they mean, and their labels, all of which are bounded. */
import type { Family, Sample } from '../../core/exposition.ts';
import type { TenantMetrics } from '../../event-log/metrics.ts';

/** null: the log of the tenant did not answer. */
export interface Scraped {
  readonly tenant: string;
  readonly metrics: TenantMetrics | null;
}

export function familiesOf(scraped: readonly Scraped[], isOmitted: boolean, nowMs: number): Family[] {
  const known = scraped.flatMap(({ metrics }) => (metrics === null ? [] : [metrics]));
  const perTenant = (value: (metrics: TenantMetrics) => number): Sample[] =>
    known.map((metrics) => ({ labels: { tenant: metrics.tenant }, value: value(metrics) }));
  const perHook = (samples: (hook: TenantMetrics['shown'][number]) => [object, number][]): Sample[] =>
    known.flatMap(({ tenant, shown }) =>
      shown.flatMap((hook) =>
        samples(hook).map(([labels, value]) => ({
          labels: { tenant, hook: String(hook.id), ...labels },
          value,
        })),
      ),
    );
  const age = (atMs: number | null) => (atMs === null ? 0 : Math.max(0, (nowMs - atMs) / 1000));
  return [
    gauge(
      'posthorn_tenant_up',
      'Whether the log of the tenant answered.',
      scraped.map(({ tenant, metrics }) => ({ labels: { tenant }, value: metrics === null ? 0 : 1 })),
    ),
    gauge('posthorn_tenants_omitted', '1: there are more tenants than are shown; scrape them one by one.', [
      { labels: {}, value: isOmitted ? 1 : 0 },
    ]),
    counter(
      'posthorn_events_accepted_total',
      'Events in the log since the tenant was made.',
      perTenant(({ accepted }) => accepted),
    ),
    counter(
      'posthorn_source_requests_total',
      'Requests to an inbound URL, by what came of them.',
      known.flatMap(sourceSamples),
    ),
    gauge(
      'posthorn_hooks_active',
      'Hooks that are active.',
      perTenant(({ hooks }) => hooks.active),
    ),
    gauge(
      'posthorn_hooks_paused',
      'Hooks that are paused.',
      perTenant(({ hooks }) => hooks.paused),
    ),
    gauge(
      'posthorn_hooks_disabled',
      'Hooks that are disabled.',
      perTenant(({ hooks }) => hooks.disabled),
    ),
    gauge(
      'posthorn_hooks_failing',
      'Active hooks of which nothing arrives.',
      perTenant(({ hooks }) => hooks.failing),
    ),
    gauge(
      'posthorn_hooks_omitted',
      'Hooks without figures of their own: those with trouble are shown first.',
      perTenant(({ omitted }) => omitted),
    ),
    gauge(
      'posthorn_pending',
      'Deliveries that have not ended.',
      perTenant(({ pending }) => pending),
    ),
    gauge(
      'posthorn_oldest_pending_seconds',
      'Age of the oldest delivery that has not ended; 0: there is none.',
      perTenant(({ oldestPendingAtMs }) => age(oldestPendingAtMs)),
    ),
    counter(
      'posthorn_hook_deliveries_total',
      'Deliveries of a hook that have ended.',
      perHook(({ runtime }) => [
        [{ outcome: 'delivered' }, runtime.delivered],
        [{ outcome: 'dead' }, runtime.dead],
      ]),
    ),
    counter(
      'posthorn_hook_attempts_total',
      'Attempts of a hook.',
      perHook(({ runtime: { calls, errors } }) => [
        [{ outcome: 'succeeded' }, calls - errors],
        [{ outcome: 'failed' }, errors],
      ]),
    ),
    gauge(
      'posthorn_hook_pending',
      'Deliveries of a hook that have not ended.',
      perHook(({ runtime }) => [[{}, runtime.pending]]),
    ),
    gauge(
      'posthorn_hook_oldest_pending_seconds',
      'Age of the oldest of them; 0: there is none.',
      perHook(({ runtime }) => [[{}, age(runtime.oldestPendingAtMs)]]),
    ),
    gauge(
      'posthorn_hook_consecutive_failures',
      'Attempts of a hook that have failed since the last success.',
      perHook(({ runtime }) => [[{}, runtime.consecutiveFailures]]),
    ),
    gauge(
      'posthorn_hook_failing',
      '1: the hook is active, and nothing of it arrives.',
      perHook(({ runtime }) => [[{}, runtime.isFailing ? 1 : 0]]),
    ),
    gauge(
      'posthorn_hook_waiting',
      '1, with the reason why nothing of the hook goes out.',
      perHook(({ runtime: { waiting } }) => (waiting === null ? [] : [[{ reason: waiting.reason }, 1]])),
    ),
  ];
}

function sourceSamples({ tenant, sources }: TenantMetrics): Sample[] {
  return sources.flatMap(({ id, stats }) => {
    const { accepted, duplicates, tests, rejected } = stats;
    const figures: [outcome: string, reason: string, value: number][] = [
      ['accepted', '', accepted],
      ['duplicate', '', duplicates],
      ['test', '', tests],
      ...Object.entries(rejected).map(
        ([reason, count]) => ['rejected', reason, count] as [string, string, number],
      ),
    ];
    return figures.map(([outcome, reason, value]) => ({
      labels: { tenant, source: id, outcome, reason },
      value,
    }));
  });
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples };
}
