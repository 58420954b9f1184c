/** A recipe as it is posted: its shape and bounds. What its texts may hold, `providers/recipe/compile.ts` says. */
import * as z from 'zod';
import type { Recipe } from '../../providers/recipe/recipe.ts';

const MAX_RECIPE_CHARACTERS = 16_384;

const Name = z.string().min(1).max(200);
const HeaderName = z
  .string()
  .max(200)
  .regex(/^(?:[A-Za-z0-9!#$%&'*+.^_`|~-]|\{option:[A-Za-z]+\})+$/);
const Pointer = z.string().max(400).meta({ description: 'A JSON Pointer (RFC 6901).' });
const Template = z.string().min(1).max(400).meta({
  description:
    'Parts in braces are filled from the request: {/pointer} from the item (without split: the body), {body:/pointer} from the whole body, {header:name}, {query:name}, {form:name}, {item}, {path}, {method}; in a message also {timestamp}, {body}, {crc32}, {url}, {form}, {secret}. Filters follow behind |: s, ms, lower, before:x, after:x, before-first:x, after-first:x, prefix:x, suffix:x, default:x, unescape.',
});
const MAX_TEMPLATES = 20;
const Fact = z.union([Template, z.array(Template).min(1).max(MAX_TEMPLATES)]).optional();
const Digest = z.enum(['sha1', 'sha256', 'sha512']);
const Encoding = z.enum(['hex', 'base64', 'base64url']);
const KeyForm = z.enum(['text', 'base64', 'hex', 'whsec']);
const Mark = z.string().min(1).max(10);
const Status = z.int().min(200).max(299);
const ContentType = z.enum([
  '',
  'text/plain',
  'text/plain; charset=utf-8',
  'application/json',
  'application/json; charset=utf-8',
  'text/xml',
  'text/xml; charset=utf-8',
  'application/xml',
  'application/soap+xml',
]);

/** One of the four: checked when the recipe is compiled. */
const spot = {
  header: z.union([HeaderName, z.array(HeaderName).min(1).max(20)]).optional(),
  query: Name.optional(),
  body: Pointer.optional(),
  form: Name.optional(),
};
const prefix = z.string().max(40).optional();

const Condition = z.strictObject({
  ...spot,
  equals: z.union([z.string().max(400), z.array(z.string().max(400)).min(1).max(20)]).optional(),
});
const Conditions = z.union([Condition, z.array(Condition).min(1).max(5)]);

/** Only where a provider of the catalogue says where its keys lie: checked when the recipe is compiled. */
const fetched = z.literal(true).optional();

const signed = {
  when: Conditions.optional(),
  each: z.boolean().optional(),
  signature: z.strictObject({
    ...spot,
    encoding: Encoding,
    prefix,
    list: z
      .strictObject({
        separator: Mark,
        key: Name.optional(),
        assign: Mark.optional(),
        groups: Mark.optional(),
      })
      .optional(),
  }),
  timestamp: z
    .strictObject({
      ...spot,
      list: Name.optional(),
      unit: z.enum(['s', 'ms', 'iso']),
      toleranceSeconds: z.int().min(1).max(86_400).nullable().optional(),
    })
    .optional(),
  message: z.array(Template).min(1).max(20),
  content: z.strictObject({ ...spot, digest: Digest, encoding: Encoding, prefix }).optional(),
};

const Verification = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('hmac'), digest: Digest, key: KeyForm.optional(), ...signed }),
  z.strictObject({ scheme: z.literal('hash'), digest: Digest, key: z.literal('text').optional(), ...signed }),
  z.strictObject({ scheme: z.literal('ed25519'), key: KeyForm.optional(), fetched, ...signed }),
  z.strictObject({
    scheme: z.literal('ecdsa-p256'),
    digest: Digest.optional(),
    key: KeyForm.optional(),
    fetched,
    ...signed,
  }),
  z.strictObject({
    scheme: z.literal('rsa'),
    digest: Digest.optional(),
    key: KeyForm.optional(),
    fetched,
    ...signed,
  }),
  z.strictObject({
    scheme: z.literal('token'),
    when: Conditions.optional(),
    each: z.boolean().optional(),
    signature: z.strictObject({ ...spot, prefix }),
  }),
  z.strictObject({
    scheme: z.literal('jwt'),
    algorithm: z.enum(['HS256', 'RS256']).optional(),
    audience: z.string().min(1).max(400).optional(),
    fetched,
    when: Conditions.optional(),
    signature: z.strictObject({ ...spot, prefix }),
  }),
  z.strictObject({ scheme: z.literal('basic'), when: Conditions.optional() }),
  z.strictObject({ scheme: z.literal('none'), when: Conditions.optional() }),
]);

const Handshake = z.strictObject({
  when: Conditions,
  signed: z.boolean().optional(),
  keepsSecret: z.boolean().optional(),
  reply: z.strictObject({
    echo: z.literal(true).optional(),
    json: z.record(Name, z.union([z.string().max(400), z.number()])).optional(),
    headers: z.record(HeaderName, z.string().max(400)).optional(),
    sign: z.strictObject({ digest: Digest, encoding: Encoding, prefix }).optional(),
    status: Status.optional(),
    contentType: ContentType.optional(),
  }),
});

export const RecipeSchema: z.ZodType<Recipe, Recipe> = z
  .strictObject({
    verify: z.array(Verification).min(1).max(5),
    handshake: z.array(Handshake).max(5).optional(),
    ignore: z
      .array(z.strictObject({ when: Conditions, signed: z.boolean().optional() }))
      .max(10)
      .optional(),
    body: z.enum(['json', 'xml']).optional(),
    split: z.union([Pointer, z.array(Pointer).min(1).max(5)]).optional(),
    event: z.strictObject({
      name: Fact,
      entity: Fact,
      action: Fact,
      id: z
        .union([Template, z.array(Template.nullable()).min(1).max(MAX_TEMPLATES)])
        .nullable()
        .optional()
        .meta({
          description:
            'By which a repetition is told. Default: the digest of the item. null: there are no repetitions; at the end of a list, where none of its templates is filled.',
        }),
      entityId: Fact,
      time: Fact,
      account: Fact,
      actor: Fact,
    }),
    actions: z.record(Name, z.string().min(1).max(100)).optional(),
    answer: z
      .strictObject({
        status: Status.optional(),
        refusedStatus: z.int().min(400).max(499).optional(),
        body: z.string().max(4000).optional(),
        contentType: ContentType.optional(),
      })
      .optional(),
  })
  .refine((recipe) => JSON.stringify(recipe).length <= MAX_RECIPE_CHARACTERS, {
    params: { expected: `at most ${MAX_RECIPE_CHARACTERS} characters as JSON`, got: 'more' },
  })
  .meta({
    id: 'Recipe',
    description:
      'How a sender’s requests are verified, split into events and read: see docs/connect/senders.md.',
  });
