/** `/v1/filters` and `/v1/templates`: trying out what a hook may have, without a hook. */
import * as z from 'zod';
import { bodyText } from '../../core/body.ts';
import { NO_FILTERS } from '../../core/hook-config.ts';
import { patternsProblems, MAX_PATTERNS } from '../../core/hook-bounds.ts';
import { valueAt } from '../../core/json-text.ts';
import { readFilters } from '../../core/filter/filter.ts';
import { inexactNumbers } from '../../core/filter/inexact.ts';
import { READY_TEMPLATES } from '../../core/template/ready-templates.ts';
import { faultText, Template, type TemplateInput, type TemplateText } from '../../core/template/template.ts';
import { eventLogOf } from '../../registry/address.ts';
import type { Api } from '../api.ts';
import { Refusal, invalid, notFound } from '../problem.ts';
import { PatternText, boundError } from './field.ts';
import { FiltersText, TemplateSchema } from './hook-shape.ts';

const MAX_TRIED = 1_000;

const FilterTrialSchema = z
  .strictObject({
    filters: FiltersText,
    events: z.array(PatternText).min(1).max(MAX_PATTERNS).default(['*']),
    sources: z.array(z.string()).max(400).nullable().default(null),
    limit: z.int().min(1).max(MAX_TRIED).default(100).meta({ description: 'Newest events to look at.' }),
  })
  .meta({ id: 'FilterTrial' });

export const testFilters = {
  method: 'post',
  path: '/v1/filters/test',
  summary: 'Hold filters against the newest events',
  operationId: 'testFilters',
  tag: 'Hooks',
  description:
    'Holds filters and patterns against the newest events of the log, and names the clause that each event failed at. Nothing is stored.',
  body: FilterTrialSchema,
  answers: {
    200: {
      description: 'Newest first; it ends early when the events are large',
      schema: z
        .object({
          tested: z.int(),
          matched: z.int(),
          results: z.array(
            z.object({
              id: z.string(),
              type: z.string(),
              matched: z.boolean(),
              clause: z.string().nullable().meta({
                description: 'JSON Pointer to what it failed: into filters, or /events or /sources.',
              }),
            }),
          ),
        })
        .meta({ id: 'FilterTrialResult' }),
    },
  },
  problems: ['invalid', 'too-large', 'unsupported-media-type'],
} as const;

const Rendered = z.object({ contentType: z.string(), body: z.string() }).meta({ id: 'Rendered' });

export const previewTemplate = {
  method: 'post',
  path: '/v1/templates/preview',
  summary: 'Render a template with an event',
  operationId: 'previewTemplate',
  tag: 'Hooks',
  description:
    'Renders a template with a stored event or with one in the body, as a delivery would. Nothing is stored or sent.',
  body: z
    .strictObject({
      template: TemplateSchema,
      eventId: z.string().optional().meta({ description: 'Of an event that the relay has.' }),
      event: z
        .record(z.string(), z.unknown())
        .optional()
        .meta({ description: 'An envelope, in place of eventId.' }),
    })
    .meta({ id: 'TemplatePreview' }),
  answers: { 200: { description: 'What would be sent', schema: Rendered } },
  problems: ['invalid', 'not-found', 'too-large', 'unsupported-media-type'],
} as const;

export const listTemplates = {
  method: 'get',
  path: '/v1/templates',
  summary: 'Templates to start from',
  operationId: 'listTemplates',
  tag: 'Hooks',
  description: 'Lists ready templates for Slack, Teams, Discord, Google Chat and plain text.',
  roles: ['subscriber', 'viewer'],
  answers: {
    200: {
      description:
        'For messengers and as plain text; each knows events of providers and the notices of the relay',
      schema: z.object({
        data: z.array(
          z
            .object({ id: z.string(), name: z.string(), description: z.string(), template: TemplateSchema })
            .meta({ id: 'ReadyTemplate' }),
        ),
      }),
    },
  },
  problems: [],
} as const;

export function shapingRoutes(api: Api): void {
  api.route(testFilters, async (c, { body, bodyBytes }) => {
    checkFilters(body.filters, bodyBytes);
    const problems = patternsProblems('events', body.events);
    if (problems.length > 0) throw invalid(...problems.map(boundError));
    const { limit, events, sources, filters } = body;
    const trial = { limit, events, sources, filters };
    const tried = await eventLogOf(c.env, c.get('tenant')).tryFilters(trial);
    const results = tried.map(({ id, type, clause }) => ({ id, type, matched: clause === null, clause }));
    const matched = results.filter((result) => result.matched).length;
    return c.json({ tested: results.length, matched, results }, 200);
  });

  api.route(previewTemplate, async (c, { body, bodyBytes }) => {
    const template = templateOf(body.template);
    const { eventId, event } = body;
    if ((eventId === undefined) === (event === undefined)) {
      const got = eventId === undefined ? 'neither' : 'both';
      throw invalid({ path: '', expected: 'either eventId or event', got });
    }
    const input =
      eventId === undefined
        ? inputIn(bodyBytes)
        : await eventLogOf(c.env, c.get('tenant')).templateInput(eventId);
    if (input === null) throw notFound('event');
    if (input === 'expunged') throw new Refusal('not-found', 'The payload of this event has been deleted.');
    const rendering = template.render(input);
    if (!rendering.ok) {
      const expected = 'a template that renders this event';
      throw invalid({ path: '/template/body', expected, got: faultText(rendering.fault) });
    }
    return c.json(
      { contentType: body.template.contentType, body: new TextDecoder().decode(rendering.body) },
      200,
    );
  });

  api.route(listTemplates, (c) =>
    c.json({ data: READY_TEMPLATES.map((ready) => ({ ...ready, template: { ...ready.template } })) }, 200),
  );
}

/** Refuses what no filter can be, and numbers that lose digits on the way. `bodyBytes`: the request they stood in. */
export function checkFilters(filters: string | null | undefined, bodyBytes: Uint8Array): void {
  if (filters === null || filters === undefined || filters === NO_FILTERS) return;
  const read = bodyText(bodyBytes);
  const inexact = read.kind === 'json' ? inexactNumbers(read.text, '/filters') : [];
  if (inexact.length > 0) throw invalid(...inexact.slice(0, 20));
  const reading = readFilters(JSON.parse(filters));
  if (!reading.ok) throw invalid(...reading.problems);
}

function templateOf(text: TemplateText): Template {
  const reading = Template.read(text);
  if (reading.ok) return reading.template;
  const expected = reading.member === 'body' ? 'a template in Liquid' : 'a media type';
  throw invalid({ path: `/template/${reading.member}`, expected, got: faultText(reading.fault) });
}

/** The envelope of the request with the digits it was sent with. */
function inputIn(bodyBytes: Uint8Array): TemplateInput {
  const read = bodyText(bodyBytes);
  const text = read.kind === 'json' ? read.text : '{}';
  const event = valueAt(text, '/event');
  const raw = valueAt(text, '/event/data/raw') ?? valueAt(text, '/event/data');
  return {
    envelope: event === undefined ? '{}' : text.slice(event.start, event.end),
    rawText: raw === undefined ? '' : text.slice(raw.start, raw.end),
  };
}
