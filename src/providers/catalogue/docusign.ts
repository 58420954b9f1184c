import { type Description } from './description.ts';

export const docusign: Description = {
  id: 'docusign',
  name: 'DocuSign Connect',
  docs: 'https://developers.docusign.com/platform/webhooks/connect/hmac/',
  setup:
    'Settings, Connect, Add configuration, Custom: the inbound URL, data format JSON, Include HMAC signature. Keys are added on the tab Connect keys.',
  secret: {
    from: 'provider',
    label: 'HMAC key',
  },
  recipe: {
    verify: [
      {
        scheme: 'hmac',
        digest: 'sha256',
        signature: {
          header: [
            'x-docusign-signature-1',
            'x-docusign-signature-2',
            'x-docusign-signature-3',
            'x-docusign-signature-4',
            'x-docusign-signature-5',
            'x-docusign-signature-6',
            'x-docusign-signature-7',
            'x-docusign-signature-8',
            'x-docusign-signature-9',
            'x-docusign-signature-10',
          ],
          encoding: 'base64',
        },
        message: ['{body}'],
      },
    ],
    event: {
      name: '{/event}',
      entity: '{/event|before:-}',
      action: '{/event|after:-}',
      id: [
        '{/data/envelopeId}-{/event}-{/data/recipientId}-{/generatedDateTime}',
        '{/data/envelopeId}-{/event}-{/generatedDateTime}',
      ],
      entityId: '{/data/envelopeId}',
      time: '{/generatedDateTime}',
      account: '{/data/accountId}',
    },
  },
};
