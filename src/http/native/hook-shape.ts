/** The members of a hook that say which events it gets of those it follows, in what shape, and how it proves itself. */
import * as z from 'zod';
import { AUTH_TYPES, CREDENTIAL_PLACES, type AuthPatch } from '../../core/hook-auth.ts';
import { maskedMembers, NO_FILTERS, type HookConfig } from '../../core/hook-config.ts';
import {
  MAX_SIGNATURES,
  SIGNATURE_DIGESTS,
  SIGNATURE_ENCODINGS,
  SIGNATURE_KEYS,
} from '../../core/extra-signature.ts';
import { checkTarget } from '../../core/target.ts';
import { MAX_TEMPLATE_BYTES } from '../../core/template/template.ts';
import type { Settings } from '../../settings.ts';
import { headerProblems } from '../header-rules.ts';
import { invalid } from '../problem.ts';
import { rule } from '../validation.ts';

const MAX_AUTH_CHARACTERS = 4096;

/** What a filter asks is read by the rules of core, which name the place of what they refuse. */
const Expression = z.unknown().meta({
  type: 'object',
  description: 'One member: exact, prefix, suffix, all, any, not or match.',
});

/** As JSON text, which is how a hook keeps them. */
export const FiltersText = z
  .array(Expression)
  .transform((filters) => JSON.stringify(filters))
  .meta({
    description: 'All must hold, beside events and sources. Up to 20, 16 KiB, 20 levels.',
    example: [{ match: { data: { raw: { total: { $gte: 1000 } } } } }],
  });

export const Uid = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/)
  .meta({ description: 'Your own stable name for it, unique in the tenant.' });

/** `posthorn apply` keeps there which file made it. */
export const ManagedBy = z.string().max(128).meta({
  description: 'Of whatever manages it from outside, such as a file of hooks. The relay does nothing by it.',
});

const templateMembers = {
  contentType: z.string().max(255),
  body: z.string().max(MAX_TEMPLATE_BYTES).meta({ description: 'Liquid, up to 64 KiB.' }),
};
export const TemplateSchema = z.strictObject(templateMembers).meta({ id: 'Template' });
const TemplatePatch = z.strictObject({
  contentType: templateMembers.contentType.nullish(),
  body: templateMembers.body.nullish(),
});

const authText = z.string().max(MAX_AUTH_CHARACTERS);
const AuthMembers = z
  .strictObject({
    type: z.enum(AUTH_TYPES).optional(),
    token: authText.nullish(),
    username: authText.nullish(),
    password: authText.nullish(),
    tokenUrl: authText.nullish(),
    clientId: authText.nullish(),
    clientSecret: authText.nullish(),
    scope: authText.nullish(),
    audience: authText.nullish(),
    credentials: z.enum(CREDENTIAL_PLACES).nullish(),
  })
  .meta({
    id: 'AuthMembers',
    description: 'bearer: token · basic: username, password · oauth2: the others.',
  });
const AuthSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('bearer'), token: z.string() }),
    z.object({ type: z.literal('basic'), username: z.string(), password: z.string() }),
    z.object({
      type: z.literal('oauth2'),
      tokenUrl: z.string(),
      clientId: z.string(),
      clientSecret: z.string(),
      scope: z.string().optional(),
      audience: z.string().optional(),
      credentials: z.enum(CREDENTIAL_PLACES),
    }),
  ])
  .meta({ id: 'Auth', description: 'Secrets are write-only and shown as ***.' });

const signatureMembers = {
  header: z.string(),
  secret: z.string().max(MAX_AUTH_CHARACTERS).meta({ description: 'Write-only, shown as ***.' }),
  scheme: z.literal('hmac'),
  digest: z.enum(SIGNATURE_DIGESTS),
  key: z.enum(SIGNATURE_KEYS),
  encoding: z.enum(SIGNATURE_ENCODINGS),
  prefix: z.string().optional(),
  message: z.array(z.string()).meta({ example: ['{timestamp}', '.', '{body}'] }),
};
const SignatureSchema = z.object(signatureMembers).meta({ id: 'FurtherSignature' });
const NewSignature = z
  .strictObject({
    ...signatureMembers,
    header: signatureMembers.header.superRefine((name, context) => {
      for (const { expected, got } of headerProblems({ [name]: null })) context.addIssue(rule(expected, got));
    }),
  })
  .meta({ id: 'NewFurtherSignature' });

/** As they are shown. */
export const shownShape = {
  filters: z.array(z.record(z.string(), z.unknown())),
  template: TemplateSchema.nullable(),
  auth: AuthSchema.nullable(),
  signatures: z.array(SignatureSchema),
  uid: z.string().nullable(),
  managedBy: ManagedBy.nullable(),
};

/** As they may be sent. */
export const sentShape = {
  filters: FiltersText.nullish(),
  template: TemplatePatch.nullish(),
  auth: AuthMembers.nullish(),
  signatures: z.array(NewSignature).max(MAX_SIGNATURES).nullish(),
  uid: Uid.nullish(),
  managedBy: ManagedBy.nullish(),
};

export function shapeJson(config: HookConfig): z.infer<z.ZodObject<typeof shownShape>> {
  const { auth, signatures } = maskedMembers(config);
  const { filters = NO_FILTERS, template = null, uid = null, managedBy = null } = config;
  return {
    filters: JSON.parse(filters) as Record<string, unknown>[],
    template: template && { ...template },
    auth: auth && { ...auth },
    signatures: signatures.map((signature) => ({ ...signature, message: [...signature.message] })),
    uid,
    managedBy,
  };
}

/** A token is fetched under the rules of all targets. */
export function checkTokenUrl(
  auth: AuthPatch | null | undefined,
  { targetPolicy, ownHosts }: Settings,
  relayHost: string,
): void {
  const url = auth?.tokenUrl;
  if (url === null || url === undefined) return;
  const target = checkTarget(url, targetPolicy, [...ownHosts, relayHost]);
  if (!target.ok) throw invalid({ path: '/auth/tokenUrl', expected: target.expected, got: target.got });
}
