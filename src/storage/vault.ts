/** What seals and opens the secrets of one tenant, at the doors of its storage. */
import { NO_KEYS, NONCE_BYTES, open, seal, type KeyRing } from '../core/sealing.ts';
import type { SecretChange } from '../core/hook-secrets.ts';
import { randomBytes } from '../random.ts';
import type { TenantRef } from '../registry/address.ts';

/** Of one object; `member` says which of its secrets. */
export interface SecretBox {
  /** As it is to be kept. */
  readonly seal: SecretChange;
  /** What is kept; what does not open stays sealed. */
  readonly open: SecretChange;
}

export class Vault {
  readonly ring: KeyRing;
  readonly #tenant: string;

  constructor(ring: KeyRing, { tenant, incarnation }: Pick<TenantRef, 'tenant' | 'incarnation'>) {
    this.ring = ring;
    this.#tenant = `${tenant}.${incarnation}`;
  }

  box(object: string): SecretBox {
    const binding = (member: string) => ({ tenant: this.#tenant, object, member });
    return {
      seal: (member, text) => seal(this.ring, binding(member), text, randomBytes(NONCE_BYTES)),
      open: (member, kept) => open(this.ring, binding(member), kept),
    };
  }
}

/** Keeps texts as they are. */
export const OPEN_VAULT = new Vault(NO_KEYS, { tenant: '', incarnation: '' });
