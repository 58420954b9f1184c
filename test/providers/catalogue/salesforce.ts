import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'two notifications',
    vector: 'none',
    secret: '00D000000000001EAA',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
    },
    body: '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D000000000001EAA</OrganizationId><ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/><EnterpriseUrl>https://example.my.salesforce.com/services/Soap/c/62.0/x</EnterpriseUrl><PartnerUrl>https://example.my.salesforce.com/services/Soap/u/62.0/x</PartnerUrl><Notification><Id>04l000000000001AAA</Id><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>003000000000001AAA</sf:Id><sf:LastModifiedDate>2026-10-31T23:59:58.000Z</sf:LastModifiedDate><sf:LastName>Müller &amp; Søn</sf:LastName></sObject></Notification><Notification><Id>04l000000000002AAA</Id><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>003000000000002AAA</sf:Id><sf:LastModifiedDate>2026-10-31T23:59:58.000Z</sf:LastModifiedDate><sf:LastName>Müller &amp; Søn</sf:LastName></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'salesforce.contact.received',
          subject: 'contact/003000000000001AAA',
          id: '04l000000000001AAA',
          time: '2026-10-31T23:59:58.000Z',
          account: '00D000000000001EAA',
        },
        {
          type: 'salesforce.contact.received',
          subject: 'contact/003000000000002AAA',
          id: '04l000000000002AAA',
        },
      ],
    },
  },
  {
    what: 'one notification',
    vector: 'none',
    secret: '00D000000000001EAA',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
    },
    body: '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D000000000001EAA</OrganizationId><ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/><EnterpriseUrl>https://example.my.salesforce.com/services/Soap/c/62.0/x</EnterpriseUrl><PartnerUrl>https://example.my.salesforce.com/services/Soap/u/62.0/x</PartnerUrl><Notification><Id>04l000000000003AAA</Id><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>003000000000003AAA</sf:Id><sf:LastModifiedDate>2026-10-31T23:59:58.000Z</sf:LastModifiedDate><sf:LastName>Müller &amp; Søn</sf:LastName></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>',
    becomes: {
      kind: 'events',
      assurance: 'token',
      events: [
        {
          type: 'salesforce.contact.received',
          subject: 'contact/003000000000003AAA',
        },
      ],
    },
  },
  {
    what: 'one of another organization',
    vector: 'none',
    secret: '00D000000000002EAA',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
    },
    body: '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D000000000001EAA</OrganizationId><ActionId>04k000000000001AAA</ActionId><SessionId xsi:nil="true"/><EnterpriseUrl>https://example.my.salesforce.com/services/Soap/c/62.0/x</EnterpriseUrl><PartnerUrl>https://example.my.salesforce.com/services/Soap/u/62.0/x</PartnerUrl><Notification><Id>04l000000000004AAA</Id><sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>003000000000004AAA</sf:Id><sf:LastModifiedDate>2026-10-31T23:59:58.000Z</sf:LastModifiedDate><sf:LastName>Müller &amp; Søn</sf:LastName></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>',
    becomes: {
      kind: 'rejected',
    },
  },
];
