/** The secrets in a hook's configuration, wherever they lie in it: what is done to each of them is an argument. */
import { withAuthSecrets } from './hook-auth.ts';
import type { HookConfig } from './hook-config.ts';

/** Of one secret; `member` is a JSON Pointer, and names it within its registration. */
export type SecretChange = (member: string, text: string) => string;

/** The configuration with each of its secrets changed, its members in the same order. */
export function withConfigSecrets(config: HookConfig, change: SecretChange): HookConfig {
  const { headers, auth, signatures, dialect } = config;
  return {
    ...config,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, change(`/config/headers/${name}`, value)]),
    ),
    ...(auth ? { auth: withAuthSecrets(auth, (name, text) => change(`/config/auth/${name}`, text)) } : {}),
    ...(signatures
      ? {
          signatures: signatures.map((signature) => ({
            ...signature,
            secret: change(`/config/signatures/${signature.header}`, signature.secret),
          })),
        }
      : {}),
    ...(dialect.kind === 'superoffice' && dialect.secret !== null
      ? { dialect: { ...dialect, secret: change('/config/dialect/secret', dialect.secret) } }
      : {}),
  };
}
