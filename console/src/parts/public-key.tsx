/** What a receiver verifies deliveries with when a hook signs with a key pair. It is no secret. */
import type { PublicKey as Key } from '../relay/answers.ts';
import { useCall } from '../relay/use-call.ts';
import { CopyButton } from './copy-button.tsx';
import { Said } from './said.tsx';
import { Trouble } from './trouble.tsx';

export function PublicKey({ hookId }: { readonly hookId: number }) {
  const path = `/v1/hooks/${hookId}/public-key`;
  const { data, failure, reload } = useCall(path, (relay, signal) => relay.read<Key>(path, {}, signal));
  if (data === undefined) return <Trouble failure={failure} onRetry={reload} />;
  return (
    <>
      <code>
        <Said text={data.publicKey} most={400} />
      </code>{' '}
      <CopyButton text={data.publicKey} what="public key" />
    </>
  );
}
