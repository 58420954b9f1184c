/** The tenant's keys: who may call, and as what. */
import { useState } from 'preact/hooks';
import { AskButton } from '../parts/ask-button.tsx';
import { Badge } from '../parts/badge.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { List } from '../parts/list.tsx';
import { Modal } from '../parts/modal.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import type { Key, NewKey, Role } from '../relay/answers.ts';
import { useAction, useSignedIn } from '../relay/use-call.ts';
import { useList } from '../relay/use-list.ts';
import { errorsAt } from '../words/failure.ts';
import { ROLE_WORDS, may } from '../words/permission.ts';

export function Keys() {
  const { me } = useSignedIn();
  const list = useList<Key>('/v1/keys');
  const [isMaking, setMaking] = useState(false);
  const isChanging = may(me.role, 'changeTenant');
  return (
    <PageFrame
      title="Keys"
      lead="With a key, a program or a person calls the relay. Only its digest is kept: it is shown once, when it is made."
      actions={
        isChanging && (
          <button type="button" class="primary" onClick={() => setMaking(true)}>
            New key
          </button>
        )
      }
    >
      <List
        list={list}
        caption="Keys"
        keyOf={({ id }) => id}
        none="There is no key: only the admin key opens this tenant."
        columns={[
          {
            head: 'Name',
            cell: (key) => (
              <>
                <Said text={key.name === '' ? 'without a name' : key.name} most={60} />
                {key.id === me.keyId && <span class="faint"> (this one)</span>}
                <div class="faint">{key.id}</div>
              </>
            ),
          },
          { head: 'Role', cell: (key) => <Badge state={key.role} /> },
          { head: 'Made', isWide: true, cell: (key) => <When at={key.createdAt} /> },
          { head: 'Ends', cell: (key) => <When at={key.expiresAt} /> },
          ...(isChanging
            ? [
                {
                  head: 'Change',
                  cell: (key: Key) => (
                    <AskButton
                      label="Revoke"
                      tone="danger"
                      title="Revoke this key?"
                      act={(relay) => relay.call('DELETE', `/v1/keys/${encodeURIComponent(key.id)}`)}
                      onDone={list.reload}
                    >
                      <p>
                        <Said text={key.name === '' ? key.id : key.name} most={100} /> stops within a minute,
                        wherever it is used.
                        {key.id === me.keyId && ' It is the one you are signed in with.'}
                      </p>
                    </AskButton>
                  ),
                },
              ]
            : []),
        ]}
      />
      {isMaking && (
        <MakeKey
          onClose={() => {
            setMaking(false);
            list.reload();
          }}
        />
      )}
    </PageFrame>
  );
}

const ROLES: readonly Exclude<Role, 'operator'>[] = ['viewer', 'subscriber', 'publisher', 'admin'];

function MakeKey({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('viewer');
  const [ends, setEnds] = useState('');
  const [made, setMade] = useState<NewKey | null>(null);
  const making = useAction(async (relay) => {
    const expiresAt = ends === '' ? null : new Date(ends).toISOString();
    setMade(await relay.call<NewKey>('POST', '/v1/keys', { body: { name, role, expiresAt } }));
  });
  if (made !== null) {
    return (
      <Modal title="The key" onClose={onClose}>
        <p>It is shown now and never again.</p>
        <p>
          <code>
            <Said text={made.key} most={400} />
          </code>{' '}
          <CopyButton text={made.key} what="key" />
        </p>
        <div class="row end">
          <button type="button" class="primary" onClick={onClose}>
            I have it
          </button>
        </div>
      </Modal>
    );
  }
  return (
    <Modal title="New key" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void making.run();
        }}
      >
        <TextField
          label="Name"
          value={name}
          onText={setName}
          problem={errorsAt(making.failure, 'name')}
          hint="Who or what uses it."
        />
        <ChoiceField
          label="Role"
          value={role}
          onText={setRole}
          options={ROLES.map((one) => [one, `${one}: ${ROLE_WORDS[one]}`] as const)}
        />
        <TextField
          label="Ends"
          type="datetime-local"
          value={ends}
          onText={setEnds}
          problem={errorsAt(making.failure, 'expiresAt')}
          hint="Empty: never by itself."
        />
        <Trouble failure={making.failure} />
        <div class="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={making.isRunning}>
            Make the key
          </button>
        </div>
      </form>
    </Modal>
  );
}
