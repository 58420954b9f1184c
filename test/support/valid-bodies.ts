/** Bodies in order, as providers and clients send them: what mutations start from. Each is JSON. */

const SUPEROFFICE = [
  `{
  "EventId": "8337ae4a-1dd6-40fd-8dc7-a050664a0af7",
  "Timestamp": "2018-04-24T07:50:50.6812131Z",
  "Changes": ["contact_id", "associate_id"],
  "Event": "contact.changed",
  "PrimaryKey": 994863,
  "Entity": "contact",
  "ContextIdentifier": "Cust1234",
  "ChangedByAssociateId": 316,
  "WebhookName": "Name you provided"
}`,
  '{"Timestamp":"2025-09-16T07:24:33.27583Z","Values":{"sale_id":18,"contact_id":43},"Event":"sale.deleted","PrimaryKey":18,"Entity":"sale","ContextIdentifier":"Default","ChangedByAssociateId":0,"WebhookName":"x"}',
  '{"Event":"list.110.created","PrimaryKey":3,"Entity":"list.110","FieldValues":{"DeletedDate":"0001-01-01T00:00:00","price":100.0}}',
  '{"Event":"test","Entity":"test","PrimaryKey":0,"Changes":[]}',
];

const DESKERA = [
  '{"id":120227,"code":"C-0000004","name":"Oak & Sons","tenantId":116903,"billingAddress":[{"city":"Pune"}],"customField":null}',
  '{"eventType":"CREATE_PRODUCTS","data":{"id":9007199254740993,"productId":"P-0000005","purchasePrice":100.0}}',
  '[{"id":1,"type":"STOCK_IN"},{"id":2}]',
  '{"type":"UPDATE_CRM_DEAL","crm_dealId":"12","created_at":"2020-06-12T07:07:56.232308Z"}',
];

const STANDARD_WEBHOOKS = [
  '{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52","name":"John"}}',
  '{"type":"invoice.line.paid","data":{"lineId":7,"amount":100.0}}',
  '{"specversion":"1.0","id":"e-1","type":"superoffice.contact.updated","data":{"event":"contact.changed","entityId":"7","raw":{}}}',
];

/** By provider: what is posted to its inbound URLs. */
export const PAYLOADS = {
  superoffice: SUPEROFFICE,
  deskera: DESKERA,
  'standard-webhooks': STANDARD_WEBHOOKS,
} as const;

export const OWN_EVENTS = [
  '{"specversion":"1.0","id":"o-1","source":"/shop","type":"shop.sale.sold","subject":"sale/7","time":"2026-01-01T02:00:00+02:00","data":{"amount":100.0}}',
  '{"specversion":"1.0","id":"o-2","source":"https://example.com/a?b","type":"person.updated","datacontenttype":"text/plain","traceparent":"00-1","count":5,"data":"text"}',
  '{"specversion":"1.0","id":"o-3","source":"urn:x","type":"com.example.thing","subject":null,"data_base64":"AAEC/w=="}',
] as const;

export const REGISTRATIONS = [
  '{"clientId":"cl_pub","clientSecret":"cl_priv","accessToken":"a","refreshToken":"r","eventType":"CREATE_CONTACT","webhookUrl":"https://example.com/hook"}',
] as const;

export const WEBHOOKS = [
  '{"Name":"Tonys Contact Handler","Events":["contact.created","contact.changed","contact.deleted"],"TargetUrl":"https://www.example.com/hook","Secret":"Something Super Secret","State":"Active","Type":"webhook","Headers":{"X-Team":"n"},"Properties":{"Team":"North","deep":[1,{"a":null}]},"ErrorsEmail":"a@example.com"}',
  '{"name":"camel","events":["sale.sold"],"targetUrl":"https://www.example.com/hook","state":2,"type":"webhook","headers":null,"properties":null,"errorsEmail":null}',
] as const;

/** Of the first of these webhooks. */
export const PATCHES = [
  '{"name":"renamed","State":"Stopped","headers":{"X-Team":null,"X-New":"a"},"Properties":{"Team":"South"}}',
  '[{"op":"replace","path":"/Name","value":"renamed"},{"op":"add","path":"events/-","value":"sale.sold"}]',
  '[{"op":"test","path":"/State","value":"Active"},{"op":"remove","path":"/Properties/Team"},{"op":"add","path":"/Events/0","value":"a.b"}]',
] as const;
