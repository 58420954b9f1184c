/** A tenant as the directory knows it, and as it lies there. */
import type { Tenant } from '../registry/address.ts';
import type { Jurisdiction } from '../settings.ts';

export const DEFAULT_TENANT = 'default';

export interface TenantRow extends Record<string, SqlStorageValue> {
  id: string;
  incarnation: string;
  jurisdiction: string | null;
  name: string;
  created_at: number;
  state: 'opening' | 'open' | 'erasing';
  /** Of its steps in a row, and when the next one is due, while it is being made or erased. */
  failures: number;
  next_at: number;
}

export function toTenant(row: TenantRow): Tenant {
  return {
    tenant: row.id,
    incarnation: row.incarnation,
    jurisdiction: row.jurisdiction as Jurisdiction | null,
    name: row.name,
    createdAtMs: row.created_at,
  };
}
