/** A hook as answers show it: never with a secret. */
import type * as z from 'zod';
import type { Context } from 'hono';
import { exactJson } from '../../core/exact-numbers.ts';
import {
  DEFAULT_BACKLOG_AFTER_SECONDS,
  maskHeaders,
  scriptOf,
  type Dialect,
} from '../../core/hook-config.ts';
import { calledUrl } from '../../core/url-spelling.ts';
import type { HookRegistration } from '../../core/hook-registration.ts';
import type { HookView } from '../../event-log/hook-reader.ts';
import type { AppEnv } from '../context.ts';
import { setEtag } from '../etag.ts';
import { notFound } from '../problem.ts';
import { timeOf, timeOrNull } from './field.ts';
import { troubleJson } from './hook-list.ts';
import { shapeJson } from './hook-shape.ts';
import type { HookSchema, HookRegistrationSchema, HookRow } from './hook-schema.ts';

export function hookAnswer(c: Context<AppEnv>, view: HookView): Response {
  setEtag(c, view.registration.version);
  return c.json(hookJson(view), 200);
}

export function foundHook(view: HookView | null): HookView {
  if (view === null) throw notFound('hook');
  return view;
}

export function hookRow(view: HookView): z.infer<typeof HookRow> {
  return { ...hookJson(view), ...troubleJson(view.runtime) };
}

type HookJson = z.infer<typeof HookSchema>;

export function hookJson({ registration, runtime }: HookView): HookJson {
  return {
    ...registrationJson(registration),
    state: runtime.state,
    stateReason: runtime.stateReason,
    waiting: runtime.waiting && {
      reason: runtime.waiting.reason,
      until: timeOrNull(runtime.waiting.untilMs),
    },
    stats: {
      pending: runtime.pending,
      retrying: runtime.retrying,
      delivered: runtime.delivered,
      dead: runtime.dead,
      oldestPendingAt: timeOrNull(runtime.oldestPendingAtMs),
      consecutiveFailures: runtime.consecutiveFailures,
      lastSuccessAt: timeOrNull(runtime.lastSuccessAtMs),
      lastFailureAt: timeOrNull(runtime.lastFailureAtMs),
      lastError: runtime.lastError,
    },
  };
}

/** A hook without what its object knows of it; no secret. */
export function registrationJson(registration: HookRegistration): z.infer<typeof HookRegistrationSchema> {
  const { config } = registration;
  return {
    id: registration.id,
    name: config.name,
    url: scriptOf(config) === null ? calledUrl(config.url) : config.url,
    events: [...config.events],
    sources: config.sources === null ? null : [...config.sources],
    format: config.format,
    headers: maskHeaders(config.headers),
    paused: config.paused,
    ordering: config.ordering,
    concurrency: config.concurrency,
    signing: config.signing,
    retry: {
      ...config.retry,
      scheduleSeconds: [...config.retry.scheduleSeconds],
      giveUpOn: [...config.retry.giveUpOn],
    },
    rateLimit: config.rateLimit && { perSecond: config.rateLimit.perSecond },
    keepAnswers: config.keepAnswers ?? false,
    backlogAfterSeconds: config.backlogAfterSeconds ?? DEFAULT_BACKLOG_AFTER_SECONDS,
    ...shapeJson(config),
    superoffice: superofficeJson(config.dialect),
    createdAt: timeOf(registration.createdAtMs),
    updatedAt: timeOf(registration.updatedAtMs),
  };
}

function superofficeJson(dialect: Dialect): z.infer<typeof HookSchema>['superoffice'] {
  if (dialect.kind !== 'superoffice') return null;
  const { type, events, properties, errorsEmail } = dialect;
  return { type, events: [...events], properties: properties && exactJson({ ...properties }), errorsEmail };
}
