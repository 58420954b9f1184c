import { type Sample } from './sample.ts';

export const samples: readonly Sample[] = [
  {
    what: 'a changed transfer',
    vector: 'own',
    secret:
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0TNkCWn7DwVLWPJqrORv6d0wCD0jRoDpX4WvNYHZq3WT26Xvq/cioyh1bwOs9AV7je6+WFlJ7hGd/kZuF0UgYMvMKm6TAS73jcKtVUpr3B4SBcuD4wnNKh8ELf43Pi5QKxQ2P8IfGtUbUyNf5VBBkQi3+1+XWQuZlYBbdBRd8ymifx7zs10cO6fmXc743Ar3onQKZJq7DBuhtqdohcJs6PMU9LyR8ekOP2XvrXnATvDCiCFA8L4XbyhNpREoItTgR/4oat+8tjxY/f5hTmZOGTxP1T+061aBpTGPXC8cyCpgHxlUBz8cGgTlg5ZNZzhxrH0ii8AM64fSWIuYW9MGYQIDAQAB',
    headers: {
      'content-type': 'application/json',
      'x-delivery-id': 'd-1',
      'x-signature-sha256':
        'QeltYFnhg9ccNspFhBldbbdqDsH5ILY+6Pk8LDornlG3vX1ZSCiXaPWgdW5CKLDV6543cZAwPpXm++v5cm7hkmy6KZ7rfjX0wgV2C9N3bWYYEonrkfyRBo/4BHSe5mAD1BYgo85pDgLs7jwTe7H4mzIs7VyP54brAzw8WIIqN2Af2vb18MEjCphX01xr8/+Un9eZsMvXcmfVLOR3KVK4xR0legZX54VhT6IeEuc21CvpaU6qzgPRRhjyxTVyDp52nVIVt8Irs5vUJOcf/W6MwewmtpbpdH47p1pEPLvUy+LM0m9JXnAiBM95hstQwsXcWfjTPi8eD9k9E+mYrry4FQ==',
    },
    body: '{"data":{"resource":{"id":111,"profile_id":222,"account_id":333,"type":"transfer"},"current_state":"processing","previous_state":"incoming_payment_waiting","occurred_at":"2026-10-31T23:59:58Z"},"subscription_id":"01234567","event_type":"transfers#state-change","schema_version":"2.0.0","sent_at":"2026-10-31T23:59:59Z"}',
    becomes: {
      kind: 'events',
      assurance: 'signature',
      events: [
        {
          type: 'wise.transfers.state-change',
          subject: 'transfers/111',
          id: 'd-1',
          account: '222',
          time: '2026-10-31T23:59:58Z',
        },
      ],
    },
  },
  {
    what: 'a test notification that is not signed',
    vector: 'none',
    secret:
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0TNkCWn7DwVLWPJqrORv6d0wCD0jRoDpX4WvNYHZq3WT26Xvq/cioyh1bwOs9AV7je6+WFlJ7hGd/kZuF0UgYMvMKm6TAS73jcKtVUpr3B4SBcuD4wnNKh8ELf43Pi5QKxQ2P8IfGtUbUyNf5VBBkQi3+1+XWQuZlYBbdBRd8ymifx7zs10cO6fmXc743Ar3onQKZJq7DBuhtqdohcJs6PMU9LyR8ekOP2XvrXnATvDCiCFA8L4XbyhNpREoItTgR/4oat+8tjxY/f5hTmZOGTxP1T+061aBpTGPXC8cyCpgHxlUBz8cGgTlg5ZNZzhxrH0ii8AM64fSWIuYW9MGYQIDAQAB',
    headers: { 'content-type': 'application/json', 'x-test-notification': 'true' },
    body: '{}',
    becomes: { kind: 'rejected' },
  },
  {
    what: 'a test notification',
    vector: 'own',
    secret:
      'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0TNkCWn7DwVLWPJqrORv6d0wCD0jRoDpX4WvNYHZq3WT26Xvq/cioyh1bwOs9AV7je6+WFlJ7hGd/kZuF0UgYMvMKm6TAS73jcKtVUpr3B4SBcuD4wnNKh8ELf43Pi5QKxQ2P8IfGtUbUyNf5VBBkQi3+1+XWQuZlYBbdBRd8ymifx7zs10cO6fmXc743Ar3onQKZJq7DBuhtqdohcJs6PMU9LyR8ekOP2XvrXnATvDCiCFA8L4XbyhNpREoItTgR/4oat+8tjxY/f5hTmZOGTxP1T+061aBpTGPXC8cyCpgHxlUBz8cGgTlg5ZNZzhxrH0ii8AM64fSWIuYW9MGYQIDAQAB',
    headers: {
      'content-type': 'application/json',
      'x-test-notification': 'true',
      'x-delivery-id': 'd-2',
      'x-signature-sha256':
        'QeltYFnhg9ccNspFhBldbbdqDsH5ILY+6Pk8LDornlG3vX1ZSCiXaPWgdW5CKLDV6543cZAwPpXm++v5cm7hkmy6KZ7rfjX0wgV2C9N3bWYYEonrkfyRBo/4BHSe5mAD1BYgo85pDgLs7jwTe7H4mzIs7VyP54brAzw8WIIqN2Af2vb18MEjCphX01xr8/+Un9eZsMvXcmfVLOR3KVK4xR0legZX54VhT6IeEuc21CvpaU6qzgPRRhjyxTVyDp52nVIVt8Irs5vUJOcf/W6MwewmtpbpdH47p1pEPLvUy+LM0m9JXnAiBM95hstQwsXcWfjTPi8eD9k9E+mYrry4FQ==',
    },
    body: '{"data":{"resource":{"id":111,"profile_id":222,"account_id":333,"type":"transfer"},"current_state":"processing","previous_state":"incoming_payment_waiting","occurred_at":"2026-10-31T23:59:58Z"},"subscription_id":"01234567","event_type":"transfers#state-change","schema_version":"2.0.0","sent_at":"2026-10-31T23:59:59Z"}',
    becomes: { kind: 'test' },
  },
];
