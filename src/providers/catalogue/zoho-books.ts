import { type Description } from './description.ts';

export const zohoBooks: Description = {
  id: 'zoho-books',
  name: 'Zoho Books',
  docs: 'https://www.zoho.com/books/help/settings/automation/workflow-actions.html',
  setup:
    'Settings, Workflow Actions, Webhooks, New: the inbound URL, a slash and the name of the event (invoice.created); add the secret as the custom header x-posthorn-token.',
  secret: {
    from: 'relay',
    label: 'Value of the custom header',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          header: 'x-posthorn-token',
        },
      },
    ],
    event: {
      name: '{path}',
      entityId: [
        '{/invoice/invoice_id}',
        '{/contact/contact_id}',
        '{/bill/bill_id}',
        '{/estimate/estimate_id}',
        '{/salesorder/salesorder_id}',
        '{/purchaseorder/purchaseorder_id}',
        '{/expense/expense_id}',
        '{/item/item_id}',
        '{/payment/payment_id}',
      ],
    },
  },
};
