import { describe, expect, test } from 'vitest';
import { followedPatterns, isNamed, namesThatCount } from '../../../src/providers/superoffice/named.ts';
import { patternOfEvent } from '../../../src/providers/superoffice/webhook.ts';

const from = (event: string, subject: string | null = 'contact/7', kind: 'json' | 'expunged' = 'json') => ({
  type: patternOfEvent(event),
  subject,
  kind,
  event,
});

function names(...list: string[]): ReadonlySet<string> {
  const patterns = [...new Set(list.map(patternOfEvent))];
  const counting = namesThatCount(list, followedPatterns(list, patterns));
  if (counting === null) throw new Error('expected a hook that selects by name');
  return counting;
}

describe('by name', () => {
  test.each([
    ['contact.changed', from('contact.changed'), true],
    ['CONTACT.Changed', from('contact.changed'), true],
    ['contact.updated', from('contact.changed'), false],
    ['contact.changed', from('contact.updated'), false],
    ['contact.changed', from('contact.changed', 'contact/7', 'expunged'), true],
    ['webhook.errors', from('webhook.errors', 'webhook/7'), true],
    ['webhook7.errors', from('webhook.errors', 'webhook/7'), true],
    ['webhook7.errors', from('webhook.errors', 'webhook/77'), false],
    ['webhook7.errors', from('webhook.errors', null), false],
    ['webhook7.errors', from('webhook.started', 'webhook/7'), false],
  ])('%s: %o is wanted: %s', (name, event, isWanted) => {
    expect(isNamed(names(name), event)).toBe(isWanted);
  });

  test('an event of another origin is told by the name that SuperOffice has for it', () => {
    const own = {
      type: 'shop.contact.updated',
      subject: 'contact/7',
      kind: 'own',
      event: 'shop.contact.updated',
    } as const;
    expect(isNamed(names('contact.changed'), own)).toBe(true);
    expect(isNamed(names('contact.updated'), own)).toBe(false);
  });

  test('what the relay tells of a hook it has disabled is webhook{id}.errors, and only for who names its id', () => {
    const disabled = {
      type: 'posthorn.hook.disabled',
      subject: 'hook/7',
      kind: 'whole',
      event: null,
    } as const;
    const follows = (...list: string[]) => followedPatterns(list, [...new Set(list.map(patternOfEvent))]);
    expect(follows('webhook7.errors', 'contact.changed')).toContain('posthorn.hook.disabled');
    expect(follows('webhook.errors', 'webhook7.started')).not.toContain('posthorn.hook.disabled');
    expect(isNamed(names('webhook7.errors'), disabled)).toBe(true);
    expect(isNamed(names('webhook8.errors'), disabled)).toBe(false);
    expect(isNamed(names('webhook.errors', 'webhook8.errors'), disabled)).toBe(false);
  });

  test('patterns that the native API has changed go by type', () => {
    expect(namesThatCount(['contact.changed'], ['superoffice.*'])).toBeNull();
    expect(followedPatterns(['webhook7.errors'], ['superoffice.*'])).toEqual(['superoffice.*']);
  });
});
