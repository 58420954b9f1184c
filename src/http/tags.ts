/** What the calls are grouped by in /openapi.json and /docs, in the order that they are shown in. */
export const TAGS = {
  Sources: 'Where events come from: inbound URLs for providers, and what verifies them.',
  Hooks: 'Where events go to: receivers, what each of them gets, in which shape and how it is signed.',
  Events: 'The log: what was received, and what became of it.',
  Deliveries: 'One event to one hook: its state, its attempts, and what to do about it.',
  Replay: 'A part of the log once more, to one hook.',
  Operations: 'Numbers, switches, export and everything else that keeps a relay running.',
  Keys: 'Credentials of a tenant, each with a role.',
  Tenants: 'Calls of the operator, with the admin key.',
  Inbound: 'What providers call. The URL is the credential.',
  Relay: 'The relay itself.',
  'Deskera dialect': 'Deskera’s own webhook API, for clients that are written for it.',
  'SuperOffice dialect': 'SuperOffice’s own webhook API, REST and RPC, for clients that are written for it.',
} as const satisfies Readonly<Record<string, string>>;

export type Tag = keyof typeof TAGS;
