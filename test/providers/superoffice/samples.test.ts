import { describe, expect, test } from 'vitest';
import { sealProvider, structuredBody } from '../../../src/core/envelope.ts';
import { eventId } from '../../../src/core/event-id.ts';
import { superoffice } from '../../../src/providers/superoffice/inbound.ts';
import { noSamples, sampleBytes, sampleJson, samplePaths, sampleText } from '../../support/samples.ts';
import { SOURCE_ID, arrived, factsOf, read } from '../arrived.ts';

/** Sample, without `delivery_` → type and subject. */
const EXPECTED: Readonly<Record<string, readonly [type: string, subject: string]>> = {
  activity_created: ['superoffice.activity.created', 'activity/4039840'],
  associate_changed: ['superoffice.associate.updated', 'associate/141423'],
  associate_created: ['superoffice.associate.created', 'associate/141424'],
  chatsession_changed: ['superoffice.chatsession.updated', 'chatsession/178105'],
  chatsession_message: ['superoffice.chatsession.message', 'chatsession/178105'],
  contact_changed: ['superoffice.contact.updated', 'contact/994863'],
  'contact_changed_register-page': ['superoffice.contact.updated', 'contact/994863'],
  'contact_changed_with-fieldvalues': ['superoffice.contact.updated', 'contact/18'],
  contact_created: ['superoffice.contact.created', 'contact/994863'],
  document_changed: ['superoffice.document.updated', 'document/66'],
  document_created: ['superoffice.document.created', 'document/66'],
  document_edited: ['superoffice.document.edited', 'document/66'],
  list_110_created: ['superoffice.list.110.created', 'list.110/14'],
  list_110_softdeleted: ['superoffice.list.110.softdeleted', 'list.110/14'],
  list_category_created: ['superoffice.list.category.created', 'list.category/8'],
  person_changed: ['superoffice.person.updated', 'person/1467783'],
  person_consented: ['superoffice.person.consented', 'person/18'],
  person_deleted: ['superoffice.person.deleted', 'person/18'],
  project_changed: ['superoffice.project.updated', 'project/178105'],
  project_created: ['superoffice.project.created', 'project/178105'],
  projectmember_changed: ['superoffice.projectmember.updated', 'projectmember/1467783'],
  projectmember_deleted: ['superoffice.projectmember.deleted', 'projectmember/18'],
  quote_approved: ['superoffice.quote.approved', 'quote/527331'],
  quote_rejected: ['superoffice.quote.rejected', 'quote/527331'],
  relation_changed: ['superoffice.relation.updated', 'relation/20'],
  relation_created: ['superoffice.relation.created', 'relation/20'],
  sale_changed: ['superoffice.sale.updated', 'sale/1467783'],
  sale_created: ['superoffice.sale.created', 'sale/527331'],
  sale_deleted: ['superoffice.sale.deleted', 'sale/18'],
  'sale_deleted_no-eventid': ['superoffice.sale.deleted', 'sale/994863'],
  sale_sold: ['superoffice.sale.sold', 'sale/18'],
  salestakeholder_created: ['superoffice.salestakeholder.created', 'salestakeholder/3579'],
  salestakeholder_deleted: ['superoffice.salestakeholder.deleted', 'salestakeholder/18'],
  ticket_created: ['superoffice.ticket.created', 'ticket/527331'],
  webhook_started: ['superoffice.webhook.started', 'webhook/66'],
  webhook_stopped: ['superoffice.webhook.stopped', 'webhook/66'],
  y_table_created: ['superoffice.y_table.created', 'y_table/6'],
};

/** The same of our own. */
const OWN: Readonly<Record<string, readonly [type: string, subject: string]>> = {
  'own-contact-changed-unicode': ['superoffice.contact.updated', 'contact/4711'],
  'own-contact-created': ['superoffice.contact.created', 'contact/4711'],
  'own-list-softdeleted': ['superoffice.list.220.softdeleted', 'list.220/5'],
  'own-no-eventid': ['superoffice.project.updated', 'project/9'],
  'own-person-changed': ['superoffice.person.updated', 'person/2147483647'],
  'own-properties': ['superoffice.ticket.created', 'ticket/77'],
  'own-sale-deleted': ['superoffice.sale.deleted', 'sale/31'],
  'own-sale-sold': ['superoffice.sale.sold', 'sale/31'],
  'own-webhook-started': ['superoffice.webhook.started', 'webhook/66'],
  'own-y-table-changed': ['superoffice.y_rental.updated', 'y_rental/6'],
};

/** base64url of the SHA-256 of the files without an EventId, by `openssl dgst -sha256 -binary | basenc --base64url`. */
const IDS_OF_BODIES: Readonly<Record<string, string>> = {
  'sale_deleted_no-eventid': 'gng27GFwq_Vg7jq4kHQfmnDG9qGitkHRpT32l1VdnFk',
  'own-no-eventid': 'srSlM8W1ASAAHcocWVpZUoPr1D-Xu8ndhgtCGsA1e44',
};

interface Sample {
  EventId?: string;
  Timestamp: string;
  Changes?: string[];
  Values?: Record<string, number>;
  Event: string;
  ContextIdentifier: string;
  ChangedByAssociateId: number;
  WebhookName: string;
}

const paths = samplePaths(/^superoffice\/delivery_/);
const nameOf = (path: string) => path.replace(/^superoffice\/delivery_(.*)\.json$/, '$1');

describe('H3: the SuperOffice deliveries', () => {
  test('are all known here', () => {
    expect(paths.map(nameOf).filter((name) => name !== 'test')).toEqual(
      Object.keys(noSamples ? OWN : { ...EXPECTED, ...OWN }).sort(),
    );
  });

  test.each(paths.filter((path) => nameOf(path) !== 'test'))('%s becomes its envelope', (path) => {
    const sent = sampleJson(path) as Sample;
    const body = sampleBytes(path);
    const facts = factsOf(superoffice, arrived(body));
    const posthornId = eventId(0, 1, new Uint8Array(5));
    const sealed = sealProvider(facts, {
      provider: 'superoffice',
      sourceId: SOURCE_ID,
      id: facts.id ?? '',
      seq: 1,
      posthornId,
      recordedAtMs: 0,
    });
    const text = new TextDecoder().decode(structuredBody(sealed, body));
    const [type, subject] = EXPECTED[nameOf(path)] ?? OWN[nameOf(path)] ?? [];
    const [, entity = '', action = ''] = /^superoffice\.(.*)\.(.*)$/.exec(type ?? '') ?? [];
    expect(JSON.parse(text)).toEqual({
      specversion: '1.0',
      id: sent.EventId ?? IDS_OF_BODIES[nameOf(path)],
      source: `/superoffice/${sent.ContextIdentifier}`,
      type,
      subject,
      time: sent.Timestamp,
      datacontenttype: 'application/json',
      sequence: '00000000000000000001',
      recordedtime: '1970-01-01T00:00:00.000Z',
      posthornid: posthornId,
      data: {
        provider: 'superoffice',
        sourceId: SOURCE_ID,
        event: sent.Event,
        entity,
        action,
        entityId: subject?.split('/')[1],
        account: sent.ContextIdentifier,
        actor: String(sent.ChangedByAssociateId),
        webhookName: sent.WebhookName,
        verified: false,
        assurance: 'none',
        batch: null,
        changes: sent.Changes ?? [],
        identifiers: Object.fromEntries(
          Object.entries(sent.Values ?? {}).map(([name, id]) => [name, String(id)]),
        ),
        raw: sent,
      },
    });
    expect(text.endsWith(`,"raw":${sampleText(path)}}}`)).toBe(true);
  });

  test.skipIf(noSamples)('the test event is a test, whether or not the header says so', () => {
    const body = sampleBytes('superoffice/delivery_test.json');
    expect(read(superoffice, arrived(body))).toEqual({ kind: 'test' });
    expect(read(superoffice, arrived(body, { 'x-hook-test': 'true' }))).toEqual({ kind: 'test' });
  });

  test.each(samplePaths(/^superoffice\/other_.*tenant-status/))('H10: %s is refused', (path) => {
    expect(read(superoffice, arrived(sampleBytes(path)))).toEqual({
      kind: 'malformed',
      path: '/Event',
      expected: 'a string of 1 to 4096 characters',
      got: 'nothing',
    });
  });
});
