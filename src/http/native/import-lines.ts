/**
 * The lines of an export, read as they come and held against what an export with secrets has in them. Nothing but a line
 * lies in memory at a time.
 */
import type * as z from 'zod';
import { structuredBody } from '../../core/envelope.ts';
import { bytesOfBase64 } from '../../core/base64.ts';
import { isEventId, seqOfEventId } from '../../core/event-id.ts';
import { boundProblems } from '../../core/hook-bounds.ts';
import { NO_FILTERS, scriptOf, type HookConfig } from '../../core/hook-config.ts';
import { shapeProblems } from '../../core/hook-shape.ts';
import { isListener } from '../../core/listener.ts';
import { parsePattern } from '../../core/pattern.ts';
import { isStorable } from '../../core/stored-size.ts';
import { checkTarget } from '../../core/target.ts';
import {
  EXPORT_FORMAT,
  type ExportHead,
  type ImportLine,
  type RestoredEvent,
} from '../../event-log/restored.ts';
import { invalid, type Refusal } from '../problem.ts';
import type { Settings } from '../../settings.ts';
import { ImportLineSchema, KINDS } from './import-line.ts';
import { refusalOf } from '../validation.ts';

/** An event of the largest size, in base64 and as an envelope. */
const MAX_LINE_BYTES = 8_000_000;

/** Throws a refusal that names the line, and what in it. */
export async function* importLines(
  body: ReadableStream<Uint8Array>,
  settings: Settings,
  relayHost: string,
  checkHead: (head: ExportHead) => Promise<void>,
): AsyncGenerator<ImportLine> {
  const counts = { export: 0, key: 0, source: 0, hook: 0, event: 0, end: 0 };
  let line = 0;
  let reached = 0;
  for await (const text of textLines(body)) {
    line += 1;
    const read = parsed(line, text);
    const place = KINDS.indexOf(read.kind);
    const isInPlace = line === 1 ? place === 0 : place >= Math.max(reached, 1);
    if (!isInPlace || counts.end > 0) {
      const expected =
        line === 1 ? 'the line of kind "export" that an export begins with' : 'the order of an export';
      throw unfit(line, '/kind', expected, JSON.stringify(read.kind));
    }
    reached = place;
    counts[read.kind] += 1;
    switch (read.kind) {
      case 'export':
        if (read.format !== EXPORT_FORMAT) {
          const expected = `an export of format ${EXPORT_FORMAT}; a newer one needs a newer relay`;
          throw unfit(line, '/format', expected, String(read.format));
        }
        await checkHead(read.restore);
        yield { line, kind: read.kind, restore: read.restore };
        break;
      case 'end': {
        const { keys, sources, hooks, events } = read;
        if (
          keys !== counts.key ||
          sources !== counts.source ||
          hooks !== counts.hook ||
          events !== counts.event
        )
          throw unfit(line, '', `as many lines of each kind as it counts`, JSON.stringify(counts));
        yield { line, kind: read.kind };
        break;
      }
      case 'hook':
        checkHook(line, read.restore.config as unknown as HookConfig, settings, relayHost);
        yield { line, ...read } as unknown as ImportLine;
        break;
      case 'event':
        checkEvent(line, read.restore as RestoredEvent);
        yield { line, ...read } as unknown as ImportLine;
        break;
      default:
        yield { line, ...read } as unknown as ImportLine;
    }
  }
  if (counts.end === 0)
    throw unfit(
      line + 1,
      '',
      'the line of kind "end" that an export ends with',
      'the end of the body: it was cut',
    );
}

export function unfit(line: number, path: string, expected: string, got: string): Refusal {
  return invalid({ path: `line ${line}${path}`, expected, got });
}

function parsed(line: number, text: string | null): z.infer<typeof ImportLineSchema> {
  if (text === null) throw unfit(line, '', `at most ${MAX_LINE_BYTES} bytes`, 'more');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unfit(line, '', 'JSON', `a line of ${text.length} characters that is not`);
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (
    kind !== 'export' &&
    typeof value === 'object' &&
    value !== null &&
    kind !== 'end' &&
    !('restore' in value)
  )
    throw unfit(line, '/restore', 'what an export with secrets=true has', 'nothing');
  const result = ImportLineSchema.safeParse(value);
  if (result.success) return result.data;
  const [first] = refusalOf(result.error.issues, value, 'body').errors;
  throw unfit(line, first?.path ?? '', first?.expected ?? 'a line of an export', first?.got ?? 'another one');
}

function checkHook(line: number, config: HookConfig, settings: Settings, relayHost: string): void {
  const at = '/restore/config';
  for (const [index, pattern] of config.events.entries()) {
    const reading = parsePattern(pattern);
    if (!reading.ok) throw unfit(line, `${at}/events/${index}`, reading.expected, reading.got.slice(0, 80));
  }
  if (!isJson(config.filters ?? NO_FILTERS))
    throw unfit(line, `${at}/filters`, 'filters as JSON', 'another text');
  const [problem] = [...boundProblems(config, null), ...shapeProblems(config, null)];
  if (problem !== undefined)
    throw unfit(line, `${at}${problem.path ?? `/${problem.member}`}`, problem.expected, problem.got);
  const checkUrl = (path: string, url: string) => {
    const target = checkTarget(url, settings.targetPolicy, [...settings.ownHosts, relayHost]);
    if (!target.ok) throw unfit(line, at + path, target.expected, target.got);
  };
  if (config.auth?.type === 'oauth2') checkUrl('/auth/tokenUrl', config.auth.tokenUrl);
  if (scriptOf(config) === null && !isListener(config)) checkUrl('/url', config.url);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What is read of the log by its columns is what its envelope says. */
function checkEvent(line: number, event: RestoredEvent): void {
  const at = '/restore';
  if (!isEventId(event.id) || seqOfEventId(event.id) !== event.seq)
    throw unfit(
      line,
      `${at}/id`,
      `the id of the event at place ${event.seq}`,
      JSON.stringify(event.id.slice(0, 40)),
    );
  const raw = bytesOfBase64(event.raw);
  if (!isStorable({ ...event, raw }))
    throw unfit(line, at, 'an event that fits into the log', `${raw.byteLength} bytes`);
  const shown = envelopeOf(event, raw);
  const expected = { posthornid: event.id, type: event.type, source: event.source, subject: event.subject };
  for (const [name, value] of Object.entries(expected)) {
    if ((shown?.[name] ?? null) !== value)
      throw unfit(line, `${at}/head`, `an envelope whose ${name} is that of the event`, 'another one');
  }
}

function envelopeOf(event: RestoredEvent, raw: Uint8Array): Record<string, unknown> | null {
  try {
    return JSON.parse(new TextDecoder().decode(structuredBody(event, raw))) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** Null: the line is too long to be one. */
async function* textLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string | null> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const text = (last: Uint8Array) => {
    let joined = '';
    for (const part of parts) joined += decoder.decode(part, { stream: true });
    joined += decoder.decode(last);
    parts = [];
    bytes = 0;
    return joined;
  };
  for await (const chunk of body) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_BREAK); at !== -1; at = chunk.indexOf(LINE_BREAK, from)) {
      yield text(chunk.subarray(from, at));
      from = at + 1;
    }
    const rest = chunk.subarray(from);
    bytes += rest.byteLength;
    if (bytes > MAX_LINE_BYTES) {
      yield null;
      return;
    }
    if (rest.byteLength > 0) parts.push(rest);
  }
  if (bytes > 0) yield text(new Uint8Array());
}

const LINE_BREAK = 0x0a;
