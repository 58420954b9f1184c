import { type Sample } from './sample.ts';

const SECRET = 'whsec_stripe_sample';

export const samples: readonly Sample[] = [
  {
    what: 'a paid invoice',
    vector: 'own',
    secret: SECRET,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': 't=1793491200,v1=1065516f12cfb741a88e318bedf038f5d2c610ad002525b86fd50717a145c1b0',
    },
    body: '{"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","object":"event","created":1686089970,"data":{"object":{"id":"in_1","object":"invoice","total":100.0}},"type":"invoice.paid"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'stripe.invoice.paid',
          subject: 'invoice/in_1',
          id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
          time: '2023-06-06T22:19:30.000Z',
          source: '/stripe/src_1',
          event: 'invoice.paid',
          account: null,
        },
      ],
    },
  },
  {
    what: 'a subscription of a connected account, signed with two secrets',
    vector: 'own',
    secret: SECRET,
    headers: {
      'stripe-signature':
        't=1793491200,v1=0000000000000000000000000000000000000000000000000000000000000000,v1=fc859979cf38330d94e7e08cf3e1222311f150ab5715c445121b8d6c1c155401,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39',
    },
    body: '{"id":"evt_2","object":"event","account":"acct_9","created":1686089971,"data":{"object":{"id":"sub_1"}},"type":"customer.subscription.updated"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'stripe.customer.subscription.updated',
          subject: 'customer.subscription/sub_1',
          source: '/stripe/acct_9',
        },
      ],
    },
  },
];
