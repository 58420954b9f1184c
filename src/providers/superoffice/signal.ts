/**
 * An event that a program signals, as the body SuperOffice would send for it: its data at the top level, where no
 * member of it takes the place of one that says what happened.
 * Source: SuperOffice docs, POST Webhook/{eventName}/{primaryKey}; where the data stands in the body is not documented.
 */
import { members } from '../../core/json-text.ts';

export interface Signal {
  /** `entity.verb`. */
  readonly event: string;
  /** An int32; 0: of no record. */
  readonly primaryKey: number;
  readonly eventId: string;
  /** RFC 3339, in UTC. */
  readonly timestamp: string;
  readonly context: string;
}

/** `data`: the text of a JSON object, kept to the letter. */
export function signalBody({ event, primaryKey, eventId, timestamp, context }: Signal, data: string): string {
  const own = {
    EventId: eventId,
    Timestamp: timestamp,
    Event: event,
    PrimaryKey: primaryKey,
    Entity: event.slice(0, Math.max(0, event.lastIndexOf('.'))) || event,
    ContextIdentifier: context,
    ChangedByAssociateId: 0,
  };
  const taken = new Set([...Object.keys(own), 'WebhookName'].map((name) => name.toLowerCase()));
  const sent = members(data).filter(({ name }) => !taken.has(name.toLowerCase()));
  const changes = sent.some(({ name }) => name === 'Changes') ? {} : { Changes: [] };
  const first = JSON.stringify({ ...own, ...changes }).slice(0, -1);
  return `${[first, ...sent.map(({ nameStart, end }) => data.slice(nameStart, end))].join(',')}}`;
}
