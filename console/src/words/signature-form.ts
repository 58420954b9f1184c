/** Further signatures of a hook, as they are typed and as the relay is sent them. */
import type { Hook } from '../relay/answers.ts';

/** Every field as text. */
export interface SignatureForm {
  readonly header: string;
  /** *** keeps the one that is there. */
  readonly secret: string;
  readonly digest: string;
  readonly key: string;
  readonly encoding: string;
  readonly prefix: string;
  /** What is signed, in one text: `{timestamp}.{body}`. */
  readonly message: string;
}

export const MOST_SIGNATURES = 3;

/** As GitHub signs, which most receivers of this kind check. */
export const NEW_SIGNATURE: SignatureForm = {
  header: 'x-hub-signature-256',
  secret: '',
  digest: 'sha256',
  key: 'text',
  encoding: 'hex',
  prefix: 'sha256=',
  message: '{body}',
};

export function signatureFormsOf({ signatures }: Pick<Hook, 'signatures'>): readonly SignatureForm[] {
  return signatures.map(({ scheme: _scheme, prefix = '', message, ...members }) => ({
    ...members,
    prefix,
    // Its parts are joined before they are signed: in one text they are the same message.
    message: message.join(''),
  }));
}

export function signaturesIn(forms: readonly SignatureForm[]): Record<string, unknown>[] {
  return forms.map(({ prefix, message, header, ...members }) => ({
    header: header.trim().toLowerCase(),
    scheme: 'hmac',
    ...members,
    ...(prefix === '' ? {} : { prefix }),
    message: [message],
  }));
}

export function signaturesProblem(forms: readonly SignatureForm[]): string | null {
  for (const { header, secret, message } of forms) {
    if (header.trim() === '') return 'Each signature needs the name of its header.';
    if (secret === '') return `${header}: a secret is needed.`;
    if (!message.includes('{body}')) return `${header}: what is signed has to hold {body}.`;
  }
  return null;
}
