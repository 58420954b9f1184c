/** How large the source files are, and which folders import each other: what `npm run figures` prints and a test holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

export const MAX_LINES = 350;
export const MAX_MEDIAN_LINES = 80;

const FOLDERS = ['src', 'client', 'cli', 'console/src'];

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly lines: number;
  /** Paths of the files that it imports, types included. */
  readonly imports: readonly string[];
}

/** One folder, or one file beside it, that imports another. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** A file of the one, and what it imports of the other. */
  readonly file: string;
  readonly imported: string;
}

export function sourceFiles(root: string): SourceFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|tsx|mjs)$/.test(name))
      .map((name) => sourceFile(root, `${folder}/${name.replaceAll('\\', '/')}`)),
  );
}

export function medianLines(files: readonly SourceFile[]): number {
  const sorted = files.map(({ lines }) => lines).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

export function largest(files: readonly SourceFile[]): SourceFile | undefined {
  return files.toSorted((a, b) => b.lines - a.lines)[0];
}

/**
 * Circles of imports between folders. Within each folder its subfolders and its own files are looked at side by side: a
 * subfolder may use what lies beside it, as long as that does not lead back into the subfolder.
 */
export function circles(files: readonly SourceFile[]): Import[][] {
  const parents = new Set(files.flatMap(({ path }) => ancestorsOf(path)));
  return [...parents].sort().flatMap((parent) => circlesWithin(parent, files));
}

function sourceFile(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = Array.from(text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g), ([, target = '']) =>
    normalize(join(dirname(path), target)).replaceAll('\\', '/'),
  );
  return { path, lines: text.split('\n').length - 1, imports };
}

/** '' is the root. */
function ancestorsOf(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [''] : [...ancestorsOf(folder), folder];
}

function circlesWithin(parent: string, files: readonly SourceFile[]): Import[][] {
  const edges = new Map<string, Map<string, Import>>();
  for (const { path, imports } of files) {
    for (const imported of imports) {
      const [from, to] = [childOf(parent, path), childOf(parent, imported)];
      if (from === null || to === null || from === to) continue;
      const known = edges.get(from) ?? new Map<string, Import>();
      if (!known.has(to)) known.set(to, { from, to, file: path, imported });
      edges.set(from, known);
    }
  }
  const found: Import[][] = [];
  const seen = new Set<string>();
  for (const start of edges.keys()) {
    const circle = seen.has(start) ? null : wayBack(start, edges);
    if (circle === null) continue;
    for (const { from } of circle) seen.add(from);
    // Two files of one folder may name each other's types.
    if (circle.some(({ from }) => !/\.\w+$/.test(from))) found.push(circle);
  }
  return found;
}

/** What of a folder leads to this path: a subfolder, or a file of its own; null: nothing does. */
function childOf(parent: string, path: string): string | null {
  const within = relative(parent, path).replaceAll('\\', '/');
  if (within.startsWith('../')) return null;
  const [first = ''] = within.split('/');
  return parent === '' ? first : `${parent}/${first}`;
}

/** The shortest way from a folder back to itself; null: there is none. */
function wayBack(start: string, edges: ReadonlyMap<string, ReadonlyMap<string, Import>>): Import[] | null {
  const cameBy = new Map<string, Import>();
  let reached = [start];
  while (reached.length > 0) {
    const next: string[] = [];
    for (const from of reached) {
      for (const [to, one] of edges.get(from) ?? []) {
        if (cameBy.has(to)) continue;
        cameBy.set(to, one);
        if (to === start) return wayTo(start, cameBy);
        next.push(to);
      }
    }
    reached = next;
  }
  return null;
}

function wayTo(end: string, cameBy: ReadonlyMap<string, Import>): Import[] {
  const way: Import[] = [];
  let one = cameBy.get(end);
  while (one !== undefined) {
    way.unshift(one);
    one = one.from === end ? undefined : cameBy.get(one.from);
  }
  return way;
}
