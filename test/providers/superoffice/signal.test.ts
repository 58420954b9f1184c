/** The body of a signalled event: what SuperOffice would send, with the data to the letter and never in its place. */
import { describe, expect, test } from 'vitest';
import { signalBody } from '../../../src/providers/superoffice/signal.ts';

const SIGNAL = {
  event: 'window.closed',
  primaryKey: 12,
  eventId: 'b0a1',
  timestamp: '2026-01-01T00:00:00.000Z',
  context: 'acme',
};
const OWN =
  '"EventId":"b0a1","Timestamp":"2026-01-01T00:00:00.000Z","Event":"window.closed","PrimaryKey":12,' +
  '"Entity":"window","ContextIdentifier":"acme","ChangedByAssociateId":0';

describe('signalBody', () => {
  test.each([
    ['no data', 'null', `{${OWN},"Changes":[]}`],
    ['an empty object', '{ }', `{${OWN},"Changes":[]}`],
    [
      'data, its text unchanged',
      '{ "n": 100.0, "id":9223372036854775808 }',
      `{${OWN},"Changes":[],"n": 100.0,"id":9223372036854775808}`,
    ],
    [
      'changes and values of its own',
      '{"Changes":["a"],"Values":{"x":1}}',
      `{${OWN},"Changes":["a"],"Values":{"x":1}}`,
    ],
    [
      'members that say what happened',
      '{"event":"x","PRIMARYKEY":9,"WebhookName":"y","a":1}',
      `{${OWN},"Changes":[],"a":1}`,
    ],
  ])('%s', (_name, data, expected) => {
    expect(signalBody(SIGNAL, data)).toBe(expected);
    expect(() => JSON.parse(expected) as unknown).not.toThrow();
  });

  test.each([
    ['list.110.created', 'list.110'],
    ['ping', 'ping'],
    ['.x', '.x'],
  ])('the entity of %s is %s', (event, entity) => {
    expect(JSON.parse(signalBody({ ...SIGNAL, event }, 'null'))).toMatchObject({
      Event: event,
      Entity: entity,
    });
  });
});
