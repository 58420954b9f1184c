import { type Description } from './description.ts';

export const salesforce: Description = {
  id: 'salesforce',
  name: 'Salesforce outbound messages',
  docs: 'https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm',
  setup:
    'Setup, Outbound Messages, New: the inbound URL is the endpoint URL; choose Id and LastModifiedDate among the fields. The organization ID of 18 characters is on the page Company Information.',
  secret: {
    from: 'provider',
    label: 'Organization ID',
  },
  recipe: {
    verify: [
      {
        scheme: 'token',
        signature: {
          body: '/Envelope/Body/notifications/OrganizationId',
        },
      },
    ],
    body: 'xml',
    split: '/Envelope/Body/notifications/Notification',
    event: {
      name: ['{/sObject/@type|after::}', '{/sObject/@type}'],
      id: '{/Id}',
      entityId: '{/sObject/Id}',
      time: '{/sObject/LastModifiedDate}',
      account: '{body:/Envelope/Body/notifications/OrganizationId}',
    },
    answer: {
      body: '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>',
      contentType: 'text/xml; charset=utf-8',
    },
  },
};
