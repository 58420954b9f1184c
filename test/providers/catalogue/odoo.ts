import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed order',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    url: 'https://relay.example.com/in/token/updated?token=p1-secret-of-a-sample',
    pathEventType: 'updated',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"_action":"Send to relay(#812)","_id":42,"_model":"sale.order","amount_total":100.0,"id":42,"name":"S00042"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'odoo.sale.order.updated',
          subject: 'sale.order/42',
        },
      ],
    },
  },
  {
    what: 'one whose URL says nothing more',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    url: 'https://relay.example.com/in/token?token=p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"_action":"Send to relay(#812)","_id":42,"_model":"sale.order","amount_total":100.0,"id":42,"name":"S00042"}',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'odoo.sale.order.received',
          subject: 'sale.order/42',
        },
      ],
    },
  },
  {
    what: 'one without the token',
    vector: 'none',
    secret: 'p1-secret-of-a-sample',
    headers: {
      'content-type': 'application/json',
    },
    body: '{"_action":"Send to relay(#812)","_id":42,"_model":"sale.order","amount_total":100.0,"id":42,"name":"S00042"}',
    becomes: {
      kind: 'rejected',
    },
  },
];
