/** SuperOffice's swagger files from the folder beside the samples, read once by vitest.config.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SwaggerFiles } from './swagger.ts';

const SAMPLES =
  process.env.POSTHORN_SAMPLES ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'samples');
const FOLDER = join(SAMPLES, '..', 'docs');

export function readSwaggerFiles(): SwaggerFiles {
  const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
  try {
    return [read('Swagger-v1-Webhook.json'), read('Swagger-v1-WebhookAgent.json')];
  } catch {
    return null;
  }
}
