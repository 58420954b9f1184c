/**
 * The KV records: one per tenant, key, inbound URL, source and hook, none with a secret. The edge reads only
 * what never changes from them; the objects stay the authority.
 */
import type { ProviderName } from '../providers/providers.ts';
import type { TenantRef } from './address.ts';

/** What a key's hash leads to: fixed for the life of the key. */
export interface KeyRoute extends TenantRef {
  readonly keyId: string;
}

/** What an inbound token's hash leads to: fixed for the life of the URL. */
export interface TokenRoute extends TenantRef {
  readonly sourceId: string;
  readonly provider: ProviderName;
}

export const tenantRecordKey = (tenant: string) => `tenant:${tenant}`;
export const keyRecordKey = (hash: string) => `key:${hash}`;
export const tokenRecordKey = (hash: string) => `token:${hash}`;
export const sourceRecordKey = (tenant: string, id: string) => `source:${tenant}:${id}`;
export const hookRecordKey = (tenant: string, id: number) => `hook:${tenant}:${id}`;

const WRITE_TRIES = 3;
/** KV takes one write a second for a key. */
const WRITE_RETRY_MS = 1_100;

/** Puts a record, or deletes it when null. Throws when KV takes it at none of a few tries. */
export async function writeRecord(kv: KVNamespace, key: string, record: object | null): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await (record === null ? kv.delete(key) : kv.put(key, JSON.stringify(record)));
      return;
    } catch (error) {
      if (tries === WRITE_TRIES) throw error;
      await scheduler.wait(WRITE_RETRY_MS);
    }
  }
}
