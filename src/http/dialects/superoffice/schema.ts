/** SuperOffice's webhooks as its API spells them, for /openapi.json. What comes in is validated by dialect.ts itself. */
import * as z from 'zod';
import { SUPEROFFICE_TYPES } from '../../../core/hook-config.ts';
import { NOTIFY_VIA, NOTIFY_WHEN, STATES } from '../../../providers/superoffice/webhook.ts';

export const members = {
  Name: z.string().max(400).nullable(),
  Events: z.array(z.string()).meta({ example: ['contact.created', 'contact.changed'] }),
  TargetUrl: z.string().max(4000).nullable().meta({
    description:
      'https; must answer a signed test event with 200. Of Type crmscript: the include name of the script.',
  }),
  Secret: z.string().max(400).nullable().meta({
    description:
      'Signs deliveries. Answered as ********; that mask keeps it, null or an empty one removes it.',
  }),
  State: z.enum(STATES).meta({ description: 'Stopped: paused. TooManyErrors: disabled by the relay.' }),
  Headers: z
    .record(z.string(), z.string())
    .nullable()
    .meta({ description: 'Sent with each delivery. Values are answered as ********; that mask keeps one.' }),
  Properties: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'Merged into the body of each delivery; members of SuperOffice itself win.' }),
  ErrorsEmail: z.string().max(239).nullable().meta({ description: 'Kept; no mail is sent.' }),
  ErrorEmails: z
    .array(z.string().max(239))
    .max(20)
    .nullable()
    .meta({ description: 'Kept; no mail is sent.' }),
  Description: z.string().max(4000).nullable(),
};

const flags = (names: readonly string[]) =>
  z.string().meta({ description: `Kept. ${names.join(', ')}, or several with commas in between.` });

const base = {
  WebhookId: z.int(),
  Name: members.Name,
  Events: members.Events,
  ErrorsEmail: members.ErrorsEmail,
  TargetUrl: members.TargetUrl,
  Secret: members.Secret,
  State: members.State,
  Type: z.enum(SUPEROFFICE_TYPES),
  Headers: members.Headers,
  Properties: members.Properties,
  Registered: z.string(),
  RegisteredAssociate: z.null(),
  Updated: z.string(),
  UpdatedAssociate: z.null(),
};

export const DefaultWebhook = z.object(base).meta({ id: 'SuperOfficeDefaultWebhook' });

export const Webhook = z
  .object({
    ...base,
    ErrorEmails: members.ErrorEmails,
    ErrorAssociates: z.null(),
    Description: members.Description,
    NotifyVia: flags(NOTIFY_VIA).nullable(),
    NotifyWhen: flags(NOTIFY_WHEN).nullable(),
    TotalCalls: z.int().meta({ description: 'Attempts since it was registered.' }),
    TotalErrors: z.int().meta({ description: 'Those of them that failed.' }),
    ConsecutiveErrors: z.int().meta({ description: 'Attempts that failed since the last success.' }),
    LastError: z
      .string()
      .max(4000)
      .meta({ description: 'Status, headers and start of the body of the last answer that was a failure.' }),
  })
  .meta({ id: 'SuperOfficeWebhook' });

const WebhookWithLinks = Webhook.extend({
  _Links: z.object({ Self: z.string(), Archive: z.string() }),
}).meta({ id: 'SuperOfficeWebhookWithLinks' });

/** What `$select` leaves out is null. */
function selectable<T extends z.ZodRawShape>(schema: z.ZodObject<T>, id: string) {
  const shape = Object.entries(schema.shape).map(([name, member]) => [
    name,
    (member as unknown as z.ZodType).nullable(),
  ]);
  return z.object(Object.fromEntries(shape) as z.ZodRawShape).meta({ id });
}

export const SelectedWebhook = selectable(Webhook, 'SuperOfficeSelectedWebhook');

export const SelectedWebhookWithLinks = selectable(WebhookWithLinks, 'SuperOfficeSelectedWebhookWithLinks');

export const WebhookToTest = z
  .looseObject({
    WebhookId: z.int().nullish(),
    Name: members.Name.optional(),
    TargetUrl: z.string().min(1).max(4000),
    Secret: members.Secret.optional(),
    State: z.union([z.enum(STATES), z.int().min(0).max(3)]).nullish(),
    Type: z.string().nullish(),
    Headers: members.Headers.optional(),
    Properties: members.Properties.optional(),
    ErrorsEmail: members.ErrorsEmail.optional(),
    ErrorEmails: members.ErrorEmails.optional(),
    Description: members.Description.optional(),
    NotifyVia: z.union([flags(NOTIFY_VIA), z.int().min(0).max(3)]).nullish(),
    NotifyWhen: z.union([flags(NOTIFY_WHEN), z.int().min(0).max(3)]).nullish(),
  })
  .meta({ id: 'SuperOfficeWebhookToTest' });

export const WebhookToSave = WebhookToTest.extend({ Events: members.Events.min(1).max(400) }).meta({
  id: 'SuperOfficeWebhookToSave',
  description:
    'Names of members in any case of letters; unknown ones are ignored, absent ones have their default.',
});

export const MergePatch = z
  .looseObject({})
  .meta({ id: 'SuperOfficeMergePatch', description: 'RFC 7396: members to change; null for the default.' });

export const Operations = z
  .array(
    z.looseObject({
      op: z.enum(['add', 'remove', 'replace', 'test']),
      path: z
        .string()
        .min(1)
        .meta({ description: 'In any case of letters, with or without a slash in front.' }),
      value: z.unknown().optional(),
    }),
  )
  .max(1000)
  .meta({ id: 'SuperOfficePatchOperations', description: 'RFC 6902, without move and copy.' });

export const TestAnswer = z
  .object({
    Success: z.boolean().nullable(),
    Message: z.string().nullable().meta({ description: 'Headers and body of the answer.' }),
    TableRight: z.null(),
    FieldProperties: z.null(),
  })
  .meta({ id: 'SuperOfficeWebhookResult' });

export const EventData = z.record(z.string(), z.unknown()).nullable();

export const ErrorAnswer = z
  .object({
    Error: z.literal(true),
    ErrorType: z.string(),
    ErrorMessage: z.string(),
    Message: z.string(),
    ErrorSource: z.string(),
  })
  .meta({ id: 'SuperOfficeError' });
