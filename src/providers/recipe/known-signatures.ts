/** Verifications that several providers have in common. */
import { type Handshake, type HmacVerification, type TokenVerification } from './recipe.ts';

/** https://www.standardwebhooks.com: version 1, with a secret behind `whsec_`. */
export const STANDARD_WEBHOOKS: HmacVerification = underHeaders('webhook');

/** The same under the names that it had before it was a standard. */
export const SVIX: HmacVerification = underHeaders('svix');

/** What was given to Microsoft with the subscription comes back in each notification. */
export const CLIENT_STATE: TokenVerification = {
  scheme: 'token',
  signature: { body: '/clientState' },
  each: true,
};

/** How Microsoft asks whether the URL takes notifications. */
export const VALIDATION_TOKEN: Handshake = {
  when: { query: 'validationToken' },
  reply: { echo: true, contentType: 'text/plain' },
};

function underHeaders(prefix: string): HmacVerification {
  return {
    scheme: 'hmac',
    digest: 'sha256',
    key: 'whsec',
    signature: {
      header: `${prefix}-signature`,
      encoding: 'base64',
      list: { separator: ' ', key: 'v1', assign: ',' },
    },
    timestamp: { header: `${prefix}-timestamp`, unit: 's' },
    message: [`{header:${prefix}-id}`, '.', '{timestamp}', '.', '{body}'],
  };
}
