/** The tenants of the relay: the admin key opens each. */
import { useState } from 'preact/hooks';
import type { Tenant } from '../../relay/answers.ts';
import { openTenant } from '../../relay/session.ts';
import { useSignedIn } from '../../relay/use-call.ts';
import { useList } from '../../relay/use-list.ts';
import { AskButton } from '../ask-button.tsx';
import { TextField } from '../field.tsx';
import { List } from '../list.tsx';
import { Said } from '../said.tsx';
import { When } from '../when.tsx';

export function Tenants() {
  const { me } = useSignedIn();
  const list = useList<Tenant>('/v1/tenants');
  const [id, setId] = useState('');
  const [typed, setTyped] = useState('');
  return (
    <section aria-labelledby="tenants">
      <h2 id="tenants">Tenants</h2>
      <List
        list={list}
        caption="Tenants"
        keyOf={(tenant) => tenant.id}
        none="Only the tenant default."
        columns={[
          {
            head: 'Tenant',
            cell: (tenant) => (
              <>
                {tenant.id} {tenant.name !== '' && <Said text={tenant.name} most={60} />}
              </>
            ),
          },
          { head: 'Jurisdiction', isWide: true, cell: ({ jurisdiction }) => jurisdiction ?? 'none' },
          { head: 'Made', isWide: true, cell: ({ createdAt }) => <When at={createdAt} /> },
          {
            head: 'Change',
            cell: (tenant) => (
              <div class="row">
                <button
                  type="button"
                  disabled={tenant.id === me.tenant}
                  onClick={() => openTenant(tenant.id)}
                >
                  {tenant.id === me.tenant ? 'Open now' : 'Open'}
                </button>
                <AskButton
                  label="Erase"
                  tone="danger"
                  title={`Erase tenant ${tenant.id}?`}
                  isReady={typed === tenant.id}
                  act={(relay) => relay.call('DELETE', `/v1/tenants/${tenant.id}`)}
                  onDone={() => {
                    setTyped('');
                    list.reload();
                  }}
                >
                  <p>
                    Every source, hook, key, event and delivery of it is erased, and its URLs stop at once. It
                    cannot be undone.
                  </p>
                  <TextField label="Type its id to erase it" value={typed} onText={setTyped} />
                </AskButton>
              </div>
            ),
          },
        ]}
      />
      <div class="row">
        <AskButton
          label="New tenant"
          title="Make a tenant"
          isReady={id !== ''}
          act={(relay) => relay.call('POST', '/v1/tenants', { body: { id } })}
          onDone={() => {
            setId('');
            list.reload();
          }}
        >
          <TextField
            label="Id"
            value={id}
            onText={setId}
            placeholder="acme"
            hint="Lower-case letters, digits and hyphens. It stays for good."
          />
        </AskButton>
      </div>
    </section>
  );
}
