/**
 * `/schemas/hooks.json`: files of sources and hooks as `posthorn apply` takes them, for editors and for the command itself.
 * Made of the schemas of the routes that a file ends in.
 */
import * as z from 'zod';
import type { Page } from './lasting-answer.ts';
import { createHook } from './native/hooks.ts';
import { Uid } from './native/hook-shape.ts';
import { createSource } from './native/sources.ts';

const ofFile = { uid: true, managedBy: true } as const;

const FileSource = createSource.body
  .omit({ ...ofFile, id: true, inboundUrl: true, createdAt: true, stats: true })
  .extend({
    secret: z.string().optional().meta({ description: 'A reference: ${NAME} of the environment.' }),
  })
  .meta({ id: 'FileSource' });

const FileHook = createHook.body
  .omit({
    ...ofFile,
    superoffice: true,
    id: true,
    state: true,
    stateReason: true,
    waiting: true,
    stats: true,
    createdAt: true,
    updatedAt: true,
  })
  .extend({
    sources: z.array(z.string()).nullish().meta({ description: 'Uids or ids of sources; null: all.' }),
    headers: z.record(z.string(), z.string()).optional().meta({
      description: 'Left as they are where there is no such member. References: ${NAME} of the environment.',
    }),
    secret: z.string().optional().meta({ description: 'A reference: ${NAME} of the environment.' }),
  })
  .meta({ id: 'FileHook' });

const HooksFile = z.strictObject({
  sources: z.record(Uid, FileSource).optional().meta({ description: 'By uid.' }),
  hooks: z.record(Uid, FileHook).optional().meta({ description: 'By uid.' }),
});

export function hooksFileSchema(): Page {
  const schema = z.toJSONSchema(HooksFile, { io: 'input', unrepresentable: 'any' });
  return {
    text: JSON.stringify({ title: 'Sources and hooks of a Posthorn relay', ...schema }),
    headers: { 'content-type': 'application/schema+json' },
  };
}
