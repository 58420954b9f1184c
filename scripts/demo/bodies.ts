/** What the providers post in the demo: bodies of our own, in the shapes that the providers document. */

/** SuperOffice, notification page: an event about a changed contact, which there is a company. */
export const CONTACT_CHANGED = JSON.stringify({
  EventId: '5f0c3b1e-6c0b-4b7e-9a53-3a1f6f2f9d10',
  Timestamp: '2026-03-09T08:15:30.1234567Z',
  Changes: ['name', 'department', 'updated', 'updated_associate_id'],
  Event: 'contact.changed',
  PrimaryKey: 120417,
  Entity: 'contact',
  ContextIdentifier: 'Cust26759',
  ChangedByAssociateId: 42,
  WebhookName: 'posthorn demo',
});

/** The next event about the same contact. */
export function contactEvent(number: number): string {
  const eventId = `5f0c3b1e-6c0b-4b7e-9a53-${String(number).padStart(12, '0')}`;
  return CONTACT_CHANGED.replace('5f0c3b1e-6c0b-4b7e-9a53-3a1f6f2f9d10', eventId);
}

/** Deskera documents no webhook body: this is a product as its API answers it, with numbers that JSON parsers change. */
export const PRODUCT_CREATED =
  '{"id":9007199254740993,"productId":"P-0000042","name":"Oak table","type":"TRACKED",' +
  '"purchasePrice":100.0,"salesPrice":249.90,"active":true,"deleted":false}';
