/** Which events of another origin SuperOffice has words for, and which words. */
import { describe, expect, test } from 'vitest';
import { typeOf, subjectOf } from '../../../src/core/envelope.ts';
import { DOCUMENTED_EVENTS } from '../../../src/providers/deskera/event-name.ts';
import {
  VOCABULARY,
  canBeSaid,
  isFromSuperoffice,
  wordsFor,
} from '../../../src/providers/superoffice/vocabulary.ts';

describe('an event is said with its own entity and the verb that SuperOffice has for its action', () => {
  test.each([
    ['deskera.contact.created', 'contact/120227', 'contact.created', 'contact', 120227],
    ['deskera.contact.updated', 'contact/1', 'contact.changed', 'contact', 1],
    ['deskera.contact.deleted', 'contact/1', 'contact.deleted', 'contact', 1],
    ['shop.contact.softdeleted', 'contact/1', 'contact.softdeleted', 'contact', 1],
    ['shop.contact.changed', 'contact/1', 'contact.changed', 'contact', 1],
    ['shop.sale.sold', 'sale/7', 'sale.sold', 'sale', 7],
    ['shop.quote.approved', 'quote/7', 'quote.approved', 'quote', 7],
    ['shop.person.consented', null, 'person.consented', 'person', 0],
    ['contact.created', 'contact/1', 'contact.created', 'contact', 1],
    ['superoffice.contact.created', 'contact/1', 'contact.created', 'contact', 1],
    ['Shop.Contact.Created', 'Contact/1', 'contact.created', 'contact', 1],
    ['shop.list.110.created', 'list.110/3', 'list.110.created', 'list.110', 3],
    ['list.category.softdeleted', 'list.category/3', 'list.category.softdeleted', 'list.category', 3],
    ['shop.y_table.updated', 'y_table/3', 'y_table.changed', 'y_table', 3],
    ['shop.contact.created', 'contact/0', 'contact.created', 'contact', 0],
    ['shop.contact.created', 'contact/2147483647', 'contact.created', 'contact', 2147483647],
  ])('%s about %s', (type, subject, event, entity, primaryKey) => {
    expect(wordsFor({ type, subject })).toEqual({ event, entity, primaryKey });
    for (const kind of ['own', 'whole', 'base64'] as const)
      expect(canBeSaid({ type, subject, kind })).toBe(true);
  });
});

describe('there are no words for', () => {
  test.each([
    ['an entity that SuperOffice does not have', 'deskera.invoice.created', 'invoice/1'],
    ['an entity of another name', 'deskera.crm_contact.created', 'crm_contact/1'],
    ['a verb that the entity does not have', 'shop.quote.created', 'quote/1'],
    ['a deletion of what is never deleted', 'shop.ticket.deleted', 'ticket/1'],
    ['an action of no meaning there', 'deskera.contact.received', 'contact/1'],
    ['a type with more in front than a provider', 'com.example.contact.created', 'contact/1'],
    ['a type without an action', 'contact', null],
    ['a type that ends in a dot', 'shop.contact.', null],
    ['a list without a name', 'shop.list.created', null],
    ['SuperOffice’s own webhooks', 'shop.webhook.errors', null],
    ['its test event', 'test', null],
    ['what the relay tells of itself', 'posthorn.hook.failing', 'hook/1'],
    ['names from the language itself', 'shop.constructor.created', null],
    ['an id that is no number', 'shop.contact.created', 'contact/a1'],
    ['an id with a fraction', 'shop.contact.created', 'contact/1.0'],
    ['an id below zero', 'shop.contact.created', 'contact/-1'],
    ['an id over an int32', 'shop.contact.created', 'contact/2147483648'],
    ['an id over any number', 'shop.contact.created', `contact/${'9'.repeat(400)}`],
    ['a subject of another entity', 'shop.contact.created', 'person/1'],
    ['a subject that is no entity and id', 'shop.contact.created', 'number one'],
  ])('%s', (_what, type, subject) => {
    expect(wordsFor({ type, subject })).toBeNull();
    for (const kind of ['own', 'whole', 'base64'] as const)
      expect(canBeSaid({ type, subject, kind })).toBe(false);
  });
});

test('of Deskera’s documented events the creation of a contact can be said, and nothing else', () => {
  const said = [...DOCUMENTED_EVENTS].filter(([, name]) => {
    const [entity = '', action = ''] = name.split('.');
    return wordsFor({ type: typeOf('deskera', entity, action), subject: subjectOf(entity, '1') }) !== null;
  });
  expect(said).toEqual([['CREATE_CONTACT', 'contact.created']]);
});

test('every documented entity and verb is said as itself', () => {
  for (const [entity, verbs] of VOCABULARY) {
    for (const verb of verbs) {
      const words = { event: `${entity}.${verb}`, entity, primaryKey: 5 };
      expect(wordsFor({ type: `shop.${entity}.${verb}`, subject: `${entity}/5` })).toEqual(words);
    }
  }
});

test('what came from SuperOffice can be said whatever it is about, own events of its types by the same rule as all', () => {
  const custom = { type: 'superoffice.window.closed', subject: 'window/x' } as const;
  expect(isFromSuperoffice({ ...custom, kind: 'json' })).toBe(true);
  expect(canBeSaid({ ...custom, kind: 'json' })).toBe(true);
  expect(canBeSaid({ ...custom, kind: 'own' })).toBe(false);
  expect(isFromSuperoffice({ type: 'deskera.contact.created', kind: 'json' })).toBe(false);
});
