/**
 * Deskera's event types in the relay's words. Source: Deskera developer documentation, webhook page: 22 names.
 */
import { type NamedEvent, RECEIVED, dottedEvent, partedName } from '../event-name.ts';

/** The documented names and what they become, as `entity.action`. */
export const DOCUMENTED_EVENTS: ReadonlyMap<string, string> = new Map([
  ['CREATE_PRODUCTS', 'product.created'], // the one plural
  ['CREATE_CONTACT', 'contact.created'],
  ['CREATE_BILL', 'bill.created'],
  ['UPDATE_BILL', 'bill.updated'],
  ['DELETE_BILL', 'bill.deleted'],
  ['CREATE_INVOICE', 'invoice.created'],
  ['UPDATE_INVOICE', 'invoice.updated'],
  ['DELETE_INVOICE', 'invoice.deleted'],
  ['CREATE_DEBITNOTE', 'debitnote.created'],
  ['UPDATE_DEBITNOTE', 'debitnote.updated'],
  ['DELETE_DEBITNOTE', 'debitnote.deleted'],
  ['CREATE_CREDITNOTE', 'creditnote.created'],
  ['UPDATE_CREDITNOTE', 'creditnote.updated'],
  ['DELETE_CREDITNOTE', 'creditnote.deleted'],
  ['STOCK_IN', 'stock.in'],
  ['STOCK_OUT', 'stock.out'],
  ['CREATE_CRM_CONTACT', 'crm_contact.created'],
  ['UPDATE_CRM_CONTACT', 'crm_contact.updated'],
  ['DELETE_CRM_CONTACT', 'crm_contact.deleted'],
  ['CREATE_CRM_DEAL', 'crm_deal.created'],
  ['UPDATE_CRM_DEAL', 'crm_deal.updated'],
  ['DELETE_CRM_DEAL', 'crm_deal.deleted'],
]);

const VERBED = /^(create|update|delete)_(.+)$/s;
const ACTIONS: Readonly<Record<string, string>> = { create: 'created', update: 'updated', delete: 'deleted' };

/**
 * In any case of letters: a documented name by the table; another CREATE_, UPDATE_ or DELETE_X alike, with X as it is;
 * `entity.verb` as it says; any other name is an entity that something was `received` about; no name: event, received.
 */
export function namedEvent(name: string | null): NamedEvent {
  if (name === null) return { entity: 'event', action: RECEIVED };
  const parted = partedName(DOCUMENTED_EVENTS.get(name.toUpperCase()) ?? '');
  if (parted !== null) return { entity: parted.entity, action: parted.verb };

  const [, verb = '', rest = ''] = VERBED.exec(name.toLowerCase()) ?? [];
  const action = ACTIONS[verb];
  if (action !== undefined) return { entity: rest, action };
  return dottedEvent(name);
}
