/**
 * By operationId: a request that the relay takes, and what it answers. The tests send each request and hold each answer
 * against its schema.
 */
interface Example {
  readonly request?: unknown;
  readonly answer?: unknown;
}

const EVENT_ID = 'evt_01M8GZR23100000001C2A78K9W';
const RECEIVED_AT = '2026-11-02T09:30:01.073Z';

const PUBLISHED = {
  specversion: '1.0',
  id: 'order-1001',
  source: '/shop',
  type: 'shop.order.paid',
  subject: 'order/1001',
  time: '2026-11-02T09:30:00Z',
  data: { total: 1999 },
};
const ENVELOPE = {
  ...PUBLISHED,
  sequence: '00000000000000000042',
  recordedtime: RECEIVED_AT,
  posthornid: EVENT_ID,
};
const FILTER = { match: { data: { total: { $gte: 1000 } } } };

const SOURCE = {
  id: 'src_3f128d4fd936491db164',
  provider: 'stripe',
  name: 'Stripe, live',
  uid: 'stripe-live',
  managedBy: null,
  inboundUrl: 'https://hooks.example.com/in/in_default_…',
  paths: {},
  options: {},
  recipe: null,
  site: null,
  expiresAt: null,
  silentAfterSeconds: null,
  confirmation: null,
  createdAt: RECEIVED_AT,
  stats: {
    accepted: 1204,
    duplicates: 3,
    idReused: 0,
    tests: 1,
    rejected: { signature: 0, malformed: 0, tooLarge: 0 },
    lastAcceptedAt: RECEIVED_AT,
    lastRejectedAt: null,
    lastRejection: null,
  },
};
const HOOK = {
  id: 7,
  name: 'orders to the shop',
  url: 'https://shop.example.org/hooks',
  events: ['stripe.invoice.*', 'shop.order.paid'],
  sources: null,
  format: 'structured',
  headers: {},
  paused: false,
  ordering: 'subject',
  concurrency: 1,
  signing: 'hmac',
  retry: {
    scheduleSeconds: [5, 30, 300, 900, 1800, 3600],
    jitter: 0.1,
    timeoutSeconds: 15,
    giveUpOn: [],
    disableAfterSeconds: 432_000,
  },
  rateLimit: null,
  backlogAfterSeconds: 3600,
  keepAnswers: false,
  filters: [FILTER],
  template: null,
  auth: null,
  signatures: [],
  uid: 'shop',
  managedBy: null,
  superoffice: null,
  state: 'active',
  stateReason: null,
  waiting: null,
  stats: {
    pending: 0,
    retrying: 0,
    delivered: 1180,
    dead: 0,
    oldestPendingAt: null,
    consecutiveFailures: 0,
    lastSuccessAt: RECEIVED_AT,
    lastFailureAt: null,
    lastError: null,
  },
  createdAt: RECEIVED_AT,
  updatedAt: RECEIVED_AT,
};

export const EXAMPLES: Readonly<Record<string, Example>> = {
  getHealth: { answer: { status: 'ok', version: '0.1.0' } },
  createSource: {
    request: {
      provider: 'stripe',
      name: 'Stripe, live',
      secret: 'whsec_of_the_endpoint',
      uid: 'stripe-live',
    },
    answer: { ...SOURCE, secret: 'whsec_of_the_endpoint' },
  },
  updateSource: { request: { name: 'Stripe, live mode' } },
  rotateSourceSecret: {
    request: { secret: 'whsec_of_the_endpoint_rolled', overlapSeconds: 3600 },
    answer: { secret: 'whsec_of_the_endpoint_rolled' },
  },
  rotateSourceUrl: { request: { overlapSeconds: 3600 } },
  createHook: {
    request: {
      name: 'orders to the shop',
      url: 'https://shop.example.org/hooks',
      events: ['stripe.invoice.*', 'shop.order.paid'],
      filters: [FILTER],
      uid: 'shop',
    },
    answer: { ...HOOK, secret: 'whsec_…' },
  },
  updateHook: { request: { concurrency: 4, ordering: 'none', rateLimit: { perSecond: 10 } } },
  rotateHookSecret: { request: { overlapSeconds: 3600 } },
  testFilters: {
    request: { filters: [FILTER], limit: 10 },
    answer: {
      tested: 1,
      matched: 1,
      results: [{ id: EVENT_ID, type: 'shop.order.paid', matched: true, clause: null }],
    },
  },
  previewTemplate: {
    request: {
      template: { contentType: 'text/plain', body: '{{ type }}: {{ data.total }}' },
      event: PUBLISHED,
    },
    answer: { contentType: 'text/plain', body: 'shop.order.paid: 1999' },
  },
  publishEvent: { request: PUBLISHED, answer: { id: EVENT_ID, duplicate: false } },
  listEvents: { answer: { data: [ENVELOPE], nextCursor: null } },
  getEvent: {
    answer: {
      event: ENVELOPE,
      deliveries: [{ hookId: 1, status: 'delivered', attempts: 1, reason: null }],
      nextCursor: null,
    },
  },
  retryDeliveries: { answer: { queued: 12 } },
  cancelDeliveries: { request: { before: '2026-11-01T00:00:00Z' }, answer: { cancelled: 12 } },
  startReplay: { request: { from: '2026-11-01T00:00:00Z', to: '2026-11-03T00:00:00Z', status: 'any' } },
  createKey: {
    request: { name: 'the shop', role: 'subscriber' },
    answer: {
      id: 'key_3f128d4fd936491db164',
      name: 'the shop',
      role: 'subscriber',
      createdAt: RECEIVED_AT,
      expiresAt: null,
      key: 'ph_default_…',
    },
  },
  createTenant: {
    request: { id: 'acme', name: 'Acme' },
    answer: { id: 'acme', name: 'Acme', jurisdiction: null, createdAt: RECEIVED_AT },
  },
  getSwitches: { answer: { ingest: 'open', delivery: 'open', note: '', updatedAt: null } },
  setSwitches: { request: { delivery: 'paused', note: 'the warehouse moves' } },
};
