/**
 * Provider bodies, in Node and in workerd alike: our own, and the recorded ones where there are any. A test that needs a
 * recorded one is skipped for all to see where there are none: `test.skipIf(noSamples)('…', () => …)`.
 */
import { inject } from 'vitest';

/** Path under the folder → bytes in base64; `recorded` null: none on this machine. */
export interface SampleFiles {
  readonly own: Readonly<Record<string, string>>;
  readonly recorded: Readonly<Record<string, string>> | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    samples: SampleFiles;
  }
}

const { own, recorded } = inject('samples');
const files = { ...recorded, ...own };

/** There are no recorded ones. */
export const noSamples = recorded === null;

/** Sample paths such as `superoffice/delivery_contact_changed.json`, in order. */
export function samplePaths(pattern: RegExp): string[] {
  return Object.keys(files)
    .filter((path) => pattern.test(path))
    .sort();
}

/** Byte for byte. */
export function sampleBytes(path: string): Uint8Array<ArrayBuffer> {
  const base64 = files[path];
  if (base64 === undefined) throw new Error(`no sample ${path}`);
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

export function sampleText(path: string): string {
  return new TextDecoder().decode(sampleBytes(path));
}

export function sampleJson(path: string): unknown {
  return JSON.parse(sampleText(path)) as unknown;
}
