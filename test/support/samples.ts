/**
 * Real provider bodies, in Node and in workerd alike. Where there are none the tests that need them are skipped for all
 * to see: `describe.skipIf(noSamples)('…', () => …)`.
 */
import { inject } from 'vitest';

/** Path under the folder of samples → bytes in base64; null: no samples on this machine. */
export type SampleFiles = Readonly<Record<string, string>> | null;

declare module 'vitest' {
  interface ProvidedContext {
    samples: SampleFiles;
  }
}

const files = inject('samples');

export const noSamples = files === null;

/** Sample paths such as `superoffice/delivery_contact_changed.json`, in order. */
export function samplePaths(pattern: RegExp): string[] {
  return Object.keys(files ?? {}).filter((path) => pattern.test(path));
}

/** Byte for byte. */
export function sampleBytes(path: string): Uint8Array<ArrayBuffer> {
  const base64 = files?.[path];
  if (base64 === undefined) throw new Error(`no sample ${path}`);
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function sampleText(path: string): string {
  return new TextDecoder().decode(sampleBytes(path));
}

export function sampleJson(path: string): unknown {
  return JSON.parse(sampleText(path)) as unknown;
}
