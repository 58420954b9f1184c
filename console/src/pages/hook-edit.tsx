/** A hook is registered or changed; what is wrong is said while it is typed, and what comes of filters and templates is shown. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { DeliveryRules } from '../parts/hook-form/delivery-rules.tsx';
import type { FormPart } from '../parts/hook-form/fieldset.ts';
import { Proofs } from '../parts/hook-form/proofs.tsx';
import { WhereTo } from '../parts/hook-form/where-to.tsx';
import { WhichEvents } from '../parts/hook-form/which-events.tsx';
import { WhichShape } from '../parts/hook-form/which-shape.tsx';
import { Modal } from '../parts/modal.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { etagOf } from '../relay/relay.ts';
import type { CreatedHook, Hook, PatchedHook } from '../relay/answers.ts';
import { useAction, useCall, useSignedIn } from '../relay/use-call.ts';
import { errorsAt } from '../words/failure.ts';
import { NEW_HOOK, changed, formOf, membersOf, problemsOf, type HookForm } from '../words/hook-form.ts';
import { may } from '../words/permission.ts';

export function NewHook() {
  return <Form hook={null} onOutdated={() => undefined} />;
}

export function EditHook({ id }: { readonly id: string }) {
  const path = `/v1/hooks/${encodeURIComponent(id)}`;
  const { data, failure, reload } = useCall(path, (relay, signal) => relay.read<Hook>(path, {}, signal));
  const [round, setRound] = useState(0);
  if (data === undefined) {
    return (
      <PageFrame title={`Edit hook ${id}`}>
        <Trouble failure={failure} onRetry={reload} />
      </PageFrame>
    );
  }
  // Loaded again, the form begins anew.
  return (
    <Form
      key={`${round}:${etagOf(data) ?? ''}`}
      hook={data}
      onOutdated={() => {
        setRound(round + 1);
        reload();
      }}
    />
  );
}

/** A new hook comes with its secret; a changed one with what it lost on the way. */
type Made = CreatedHook | PatchedHook;

interface FormProps {
  /** null: a new one. */
  readonly hook: Hook | null;
  readonly onOutdated: () => void;
}

function Form({ hook, onOutdated }: FormProps) {
  const { me } = useSignedIn();
  const { route } = useLocation();
  const before = hook === null ? NEW_HOOK : formOf(hook);
  const [form, setForm] = useState(before);
  const [isTried, setTried] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const saving = useAction(async (relay) => {
    if (hook === null) {
      setMade(await relay.call<CreatedHook>('POST', '/v1/hooks', { body: membersOf(form) }));
      return;
    }
    const body = changed(before, form);
    const saved = await relay.call<PatchedHook>('PATCH', `/v1/hooks/${hook.id}`, {
      body,
      ifMatch: etagOf(hook),
    });
    if ((saved.dropped ?? []).length === 0) route(`/console/hooks/${hook.id}`);
    else setMade(saved);
  });
  const problems = problemsOf(form);
  const { failure } = saving;
  const set = (change: Partial<HookForm>) => {
    setForm({ ...form, ...change });
  };
  /** What the relay said of a member, until it is typed anew; else what is seen from here. A new form is not wrong yet. */
  const problemOf = (name: keyof HookForm, member: string = name) =>
    errorsAt(failure, member) ?? (isTried || form[name] !== before[name] ? problems[name] : undefined);
  const part: FormPart = {
    form,
    set,
    problemOf,
    text: (name, member) => ({
      value: form[name],
      onText: (value) => set({ [name]: value }),
      problem: problemOf(name, member),
    }),
  };

  const isTrying = may(me.role, 'changeTenant');
  return (
    <PageFrame title={hook === null ? 'New hook' : `Edit hook ${hook.id}`}>
      <form
        class="wide-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (Object.keys(problems).length === 0) void saving.run();
        }}
      >
        <WhereTo {...part} />
        <WhichEvents
          {...part}
          isTrying={isTrying && problems.filters === undefined && problems.events === undefined}
        />
        <WhichShape {...part} isTrying={isTrying} />
        <DeliveryRules {...part} />
        <Proofs {...part} />
        <Trouble
          failure={failure}
          onRetry={failure?.code === 'precondition-failed' ? onOutdated : undefined}
          retryLabel="Load it again"
        />
        {isTried && Object.keys(problems).length > 0 && (
          <p class="problem" role="alert">
            Something above has to be corrected first.
          </p>
        )}
        <p class="row">
          <button type="submit" class="primary" disabled={saving.isRunning}>
            {hook === null ? 'Register the hook' : 'Save'}
          </button>
          <a class="button" href={hook === null ? '/console/hooks' : `/console/hooks/${hook.id}`}>
            Cancel
          </a>
        </p>
      </form>
      {made !== null && <Done hook={made} onClose={() => route(`/console/hooks/${made.id}`)} />}
    </PageFrame>
  );
}

/** What is told once: the secret of a new hook, or what did not move along to another host. */
function Done({ hook, onClose }: { readonly hook: Made; readonly onClose: () => void }) {
  const secret = 'secret' in hook ? hook.secret : undefined;
  const dropped = ('dropped' in hook ? hook.dropped : undefined) ?? [];
  return (
    <Modal title={secret === undefined ? 'Saved' : 'Registered'} onClose={onClose}>
      {secret !== undefined && (
        <>
          <p>The receiver verifies deliveries with this secret. The hook’s page shows it, too.</p>
          <p>
            <code>
              <Said text={secret} most={400} />
            </code>{' '}
            <CopyButton text={secret} what="secret" />
          </p>
        </>
      )}
      {dropped.length > 0 && (
        <p>
          The hook has moved to another host, which must not get what was meant for the previous one. Dropped:{' '}
          {dropped.join(', ')}. Enter them again if the new host needs them.
        </p>
      )}
      <div class="row end">
        <button type="button" class="primary" onClick={onClose}>
          To the hook
        </button>
      </div>
    </Modal>
  );
}
