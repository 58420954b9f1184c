/** What can be wrong with a receiver, in words, and how to mend it. */
export interface Fault {
  /** What is wrong. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

export const FAULTS = {
  'name-unknown': {
    what: 'The name of the receiver cannot be resolved.',
    remedy: 'Check the host name for a typo, and that its DNS record is public.',
  },
  'connection-refused': {
    what: 'Nothing takes connections at this address.',
    remedy: 'Start the receiver, and check the port and the firewall in front of it.',
  },
  'certificate-invalid': {
    what: 'The TLS certificate is not one that senders accept.',
    remedy:
      'Use a certificate of a public authority for exactly this host name, not expired, and serve the intermediate certificates along with it.',
  },
  'no-answer': {
    what: 'The receiver closes the connection, or says nothing, instead of answering.',
    remedy: 'Answer every request with a status; look for a crash in the log of the receiver.',
  },
  redirects: {
    what: 'The receiver redirects. Deliveries are never redirected: each counts as failed.',
    remedy: 'Register the address it redirects to; mind http or https, a trailing slash and www.',
  },
  'path-unknown': {
    what: 'There is nothing at this path.',
    remedy: 'Register the URL that the receiver really serves, and let it take POST.',
  },
  'content-type-refused': {
    what: 'The content type application/cloudevents+json is refused; application/json is taken.',
    remedy:
      'Let the receiver take application/cloudevents+json: it is JSON too. Or set `format: raw` or a template with its own content type.',
  },
  'secret-as-text': {
    what: 'The receiver uses the secret as text. The key is what its base64 stands for.',
    remedy: 'Remove the prefix whsec_ and decode the rest as base64; that is the key of the HMAC.',
  },
  'signs-body-alone': {
    what: 'The receiver computes the signature over the body alone.',
    remedy: 'Compute it over webhook-id, a dot, webhook-timestamp, a dot, and the body.',
  },
  'clock-off': {
    what: 'The clock of the receiver is off.',
    remedy: 'Synchronise it (NTP), compare Unix seconds, and mind milliseconds and time zones.',
  },
  'good-refused': {
    what: 'A good request is refused. Most likely the receiver has another secret.',
    remedy:
      'Give the receiver the secret of this hook: `posthorn hooks secret HOOK` shows it. If it is the same, compare what it signs with what the documentation says.',
  },
  'no-signature-check': {
    what: 'The signature is not checked: anybody who knows the URL can send events.',
    remedy: 'Verify webhook-signature before anything else, with a Standard Webhooks library.',
  },
  'unsigned-accepted': {
    what: 'A request without a signature is taken.',
    remedy: 'Refuse a request that has no webhook-signature; do not check it only where it is there.',
  },
  'bad-signature-accepted': {
    what: 'A request with a wrong signature is answered with 2xx: it counts as delivered.',
    remedy: 'Compare the signature with your own, in constant time, and answer 401 if they differ.',
  },
  'bad-signature-crashes': {
    what: 'A wrong signature makes the receiver fail with 5xx.',
    remedy:
      'Answer 401. A comparison of digests of different lengths throws in many languages: check the length first.',
  },
  'parses-before-check': {
    what: 'The body is parsed before its signature is checked.',
    remedy: 'Take the raw bytes, verify them, and parse afterwards. A stranger’s body must reach no parser.',
  },
  'body-rewritten': {
    what: 'The signature is checked over a body that was parsed and written again.',
    remedy:
      'Check it over the raw bytes. With Express: express.raw({ type: () => true }) on this route, before any JSON parser.',
  },
  'text-damaged': {
    what: 'A body with other characters than ASCII is refused.',
    remedy: 'Read the body as bytes, or as UTF-8, and let nothing normalise it before the check.',
  },
  'no-time-check': {
    what: 'A request that was signed ten minutes ago is taken: who recorded one can send it again.',
    remedy: 'Refuse a webhook-timestamp more than five minutes from your own clock.',
  },
  'future-accepted': {
    what: 'A request that is signed for ten minutes from now is taken.',
    remedy: 'Check webhook-timestamp on both sides: refuse what is more than five minutes away.',
  },
  'repeat-refused': {
    what: 'The same event a second time is refused.',
    remedy:
      'Deliveries are at least once. Remember webhook-id, and answer 2xx to one that was handled already, without handling it again.',
  },
  'first-signature-only': {
    what: 'Only the first of several signatures is looked at.',
    remedy:
      'Take the request if any of the signatures in the header fits: while a secret is rotated there are two.',
  },
  'unknown-type-fails': {
    what: 'An event of a type that the receiver does not know fails.',
    remedy: 'Answer 2xx to types you do not handle, or name those you want in `events` of the hook.',
  },
  'large-refused': {
    what: 'A body of the size that events can have is refused.',
    remedy:
      'Raise the limit of the body, also that of a proxy in front (nginx: client_max_body_size), to 2 MB.',
  },
  'answers-before-reading': {
    what: 'The receiver answers before it has read the body, so before it can have checked it.',
    remedy: 'Read the whole body, verify it, store it, and answer then.',
  },
  slow: {
    what: 'The receiver takes long to answer. After the timeout of the hook it counts as failed and comes again.',
    remedy: 'Store the event, answer, and do the work afterwards.',
  },
  'huge-answer': {
    what: 'The answer is larger than 64 KiB, of which nothing is used.',
    remedy: 'Answer with an empty body; 204 is enough.',
  },
  'no-gone': {
    what: 'The address that was retired does not answer 410.',
    remedy: 'Answer 410 there for good: the hook is disabled at once instead of being tried for days.',
  },
} as const satisfies Record<string, Fault>;

export type FaultId = keyof typeof FAULTS;

export interface Finding {
  readonly fault: FaultId;
  /** What was seen. */
  readonly evidence: string;
}
