/** `/v1/stats/series`: the tenant in numbers, by the hour or the day. */
import * as z from 'zod';
import { HOURS_KEPT, HOUR_MS } from '../../core/hour.ts';
import type { SeriesPoint } from '../../event-log/series.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { invalid, notFound } from '../problem.ts';
import { rule } from '../validation.ts';
import { HookNumber, Instant, Time, timeOf } from './field.ts';

const INBOUND = ['accepted', 'duplicates', 'rejected'] as const;
const OUTBOUND = ['delivered', 'failed', 'dead', 'durationP50Ms', 'durationP95Ms'] as const;
const METRICS = [...INBOUND, ...OUTBOUND] as const;
type Metric = (typeof METRICS)[number];

const STEP_HOURS = { hour: 1, day: 24 } as const;
/** Shown unless `from` says otherwise. */
const POINTS = { hour: 24, day: 30 } as const;

const PointSchema = z
  .object({
    at: Time.meta({ description: 'Its beginning, in UTC.' }),
    accepted: z.int().optional(),
    duplicates: z.int().optional(),
    rejected: z.int().optional(),
    delivered: z.int().optional().meta({ description: 'Attempts that arrived.' }),
    failed: z.int().optional().meta({ description: 'Attempts that failed.' }),
    dead: z.int().optional().meta({ description: 'Deliveries that were given up.' }),
    durationP50Ms: z
      .int()
      .nullable()
      .optional()
      .meta({ description: 'Of half of the attempts at most, within 6 %.' }),
    durationP95Ms: z.int().nullable().optional(),
  })
  .meta({ id: 'SeriesPoint' });

const Metrics = z
  .string()
  .superRefine((text, context) => {
    for (const name of text.split(',')) {
      if (!isMetric(name))
        context.addIssue(rule(`some of ${METRICS.join(', ')}, with commas`, name.slice(0, 80)));
    }
  })
  .meta({ description: `Any of ${METRICS.join(', ')}, with commas; else all.` });

export const getSeries = {
  method: 'get',
  path: '/v1/stats/series',
  summary: 'Numbers of the tenant over time',
  operationId: 'getSeries',
  tag: 'Operations',
  description:
    'A point for each hour or day, up to 90 days back. Without a hook: as hooks have reported, at most a minute late; durations of the 40 busiest.',
  roles: ['viewer'],
  query: z.object({
    metric: Metrics.optional(),
    from: Instant.optional().meta({ description: 'By default 24 hours or 30 days back.' }),
    to: Instant.optional(),
    step: z.enum(['hour', 'day']).default('hour'),
    hook: HookNumber.optional().meta({
      type: 'string',
      description: 'Narrows what goes out.',
    }),
    source: z.string().optional().meta({ description: 'Narrows what comes in.' }),
  }),
  answers: {
    200: {
      description: 'The points, in the order of time',
      schema: z.object({ step: z.enum(['hour', 'day']), data: z.array(PointSchema) }).meta({ id: 'Series' }),
    },
  },
  problems: ['invalid', 'not-found'],
} as const;

export function seriesRoutes(api: Api): void {
  api.route(getSeries, async (c, { query }) => {
    const { step, hook, source } = query;
    const metric = query.metric?.split(',').filter(isMetric) ?? METRICS;
    if (hook !== undefined) requireOne('hook', String(hook), metric, OUTBOUND);
    if (source !== undefined) requireOne('source', source, metric, INBOUND);
    const nowMs = Date.now();
    const toMs = query.to === undefined ? nowMs : Math.min(Date.parse(query.to), nowMs);
    const stepMs = STEP_HOURS[step] * HOUR_MS;
    const wantedMs = query.from === undefined ? toMs - (POINTS[step] - 1) * stepMs : Date.parse(query.from);
    if (query.to !== undefined && wantedMs > Date.parse(query.to))
      throw invalid({ path: 'query/from', expected: 'no later than `to`', got: query.from ?? '' });
    const points = await eventLogOf(c.env, c.get('tenant')).series({
      // What is older is kept no more.
      fromMs: Math.max(wantedMs, nowMs - (HOURS_KEPT - 1) * HOUR_MS),
      toMs,
      stepHours: STEP_HOURS[step],
      sourceId: source ?? null,
      hookId: hook ?? null,
      withDurations: metric.some((name) => name.startsWith('duration')),
    });
    if (points === 'unknown-source') throw notFound('source');
    if (points === 'unknown-hook') throw notFound('hook');
    return c.json({ step, data: points.map((point) => pointJson(point, metric)) }, 200);
  });
}

function isMetric(name: string): name is Metric {
  return (METRICS as readonly string[]).includes(name);
}

/** What narrows nothing that is asked for is a mistake. */
function requireOne(
  parameter: string,
  got: string,
  metric: readonly Metric[],
  narrowed: readonly Metric[],
): void {
  if (metric.some((name) => narrowed.includes(name))) return;
  const expected = `a metric that is counted by ${parameter}: ${narrowed.join(', ')}`;
  throw invalid({ path: `query/${parameter}`, expected, got: got.slice(0, 80) });
}

function pointJson(point: SeriesPoint, metric: readonly Metric[]): z.infer<typeof PointSchema> {
  return {
    at: timeOf(point.atHour * HOUR_MS),
    ...(Object.fromEntries(metric.map((name) => [name, point[name]])) as Partial<Record<Metric, number>>),
  };
}
