/** What the documentation prints as data is the data, and what it points to is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json';
import { OTHER_STATUS, OUTCOME_TABLE, type TransportError } from '../../src/core/outcome.ts';
import { DEFAULT_RETRY_POLICY } from '../../src/core/schedule.ts';
import { REASONS } from '../../src/core/delivery.ts';
import { DELIVERY_WAIT_REASONS } from '../../src/core/health.ts';
import { ROLES } from '../../src/core/role.ts';
import { CODED_PROVIDER_NAMES } from '../../src/providers/providers.ts';
import { VOCABULARY } from '../../src/providers/superoffice/vocabulary.ts';
import { PROBLEMS } from '../../src/http/problem.ts';
import { OPEN } from '../../src/switchboard/switch-state.ts';
import { noSwagger, swaggerCalls, swaggerMembers } from '../support/swagger.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TRANSPORT_ERRORS: Record<TransportError, true> = {
  timeout: true,
  'connection-lost': true,
  unreachable: true,
  'target-refused': true,
  auth: true,
};

/** Reasons that no code of today ends in. */

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The rows of the tables below a heading, without their heads and without code marks. */
function rowsBelow(text: string, heading: string): string[][] {
  return rowsOf(text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '');
}

function rowsOf(section: string): string[][] {
  const rows: string[][] = [];
  let isHead = true;
  for (const line of section.split('\n')) {
    if (!line.startsWith('|')) isHead = true;
    else if (/^\|[ |:-]+$/.test(line)) isHead = false;
    else if (!isHead)
      rows.push(
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim().replaceAll('`', '')),
      );
  }
  return rows;
}

describe('semantics.md', () => {
  const semantics = read('docs/reference/semantics.md');

  test('prints the table from status to outcome', () => {
    const rangeOf = ([first, last]: readonly [number, number]) =>
      first === last ? String(first) : `${first}–${last}`;
    const expected = OUTCOME_TABLE.map(({ answer, statuses, outcome, error, about }) =>
      statuses === 'give-up-on'
        ? [answer, "the hook's list", outcome, 'as without this row', 'neither']
        : [answer, statuses.map(rangeOf).join(', '), outcome, error ?? 'none', about ?? 'neither'],
    );
    const { answer, outcome, error, about } = OTHER_STATUS;
    const printed = rowsBelow(semantics, 'From answer to outcome').map((row) => row.slice(0, 5));
    expect(printed.slice(0, expected.length + 1)).toEqual([
      ...expected,
      [answer, 'the rest', outcome, error, about],
    ]);
  });

  test('names every error of an attempt without an answer', () => {
    const printed = rowsBelow(semantics, 'From answer to outcome').slice(OUTCOME_TABLE.length + 1);
    expect(printed.map(([error]) => error)).toEqual(Object.keys(TRANSPORT_ERRORS));
  });

  test('counts the attempts of the default schedule', () => {
    const { scheduleSeconds } = DEFAULT_RETRY_POLICY;
    const hours = scheduleSeconds.reduce((sum, step) => sum + step, 0) / 3600;
    expect(semantics.replaceAll(/\s+/g, ' ')).toContain(
      `${scheduleSeconds.length + 1} attempts over about ${Math.round(hours)} hours`,
    );
  });

  test('lists the roles', () => {
    expect(rowsBelow(semantics, 'Keys and roles').map(([role]) => role)).toEqual(ROLES);
  });

  test('names every reason that the code gives', () => {
    for (const reason of REASONS) expect(semantics, reason).toContain(`\`${reason}\``);
  });

  test('says every reason to wait, of a hook and of a delivery', () => {
    const printed = rowsBelow(semantics, 'Why it does not go out now').map(([reason]) => reason);
    expect(printed).toEqual([...DELIVERY_WAIT_REASONS]);
  });

  test('lists the problem codes', () => {
    const expected = Object.entries(PROBLEMS).map(([code, [status]]) => [code, String(status)]);
    expect(rowsBelow(semantics, 'Problems')).toEqual(expected);
  });
});

test('settings.md lists every var of wrangler.toml with its default', () => {
  const vars = [...read('wrangler.toml').matchAll(/^([A-Z_]+) = "(.*)"$/gm)];
  const printed = new Map(rowsOf(read('docs/reference/settings.md')).map(([name, value]) => [name, value]));
  expect(vars.length).toBeGreaterThan(0);
  for (const [, name, value] of vars) expect(printed.get(name), name).toBe(value === '' ? 'empty' : value);
});

test('every table of an object is in storage.md', () => {
  const storage = read('docs/reference/storage.md');
  const schemas = ['src/event-log/schema.ts', 'src/hook/schema.ts', 'src/tenants/schema.ts'].map(read);
  // The Switchboard has no table: its one value is what itty-durable keeps.
  for (const member of Object.keys(OPEN)) expect(storage, `Switchboard.${member}`).toContain(`\`${member}\``);
  const tables = schemas.flatMap((schema) => [...schema.matchAll(/CREATE TABLE (\w+) \(([^;]+)\)/g)]);
  expect(tables.length).toBeGreaterThan(0);
  for (const [, table = '', columns = ''] of tables) {
    expect(storage, table).toContain(`\`${table}\``);
    for (const [, column = ''] of columns.matchAll(/^\s*([a-z_]+) [A-Z]/gm)) {
      expect(storage, `${table}.${column}`).toContain(`\`${column}\``);
    }
  }
});

test('dependencies.md names every dependency and no other', () => {
  const named = [...read('docs/inside/decisions/dependencies.md').matchAll(/^- `(.+?)`:/gm)].map(
    ([, name]) => name,
  );
  const present = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(named.sort()).toEqual(present.sort());
});

test('every relative link leads to a file, and to a heading in it', () => {
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
  pages.push(...inDocs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name)));
  for (const page of pages) {
    for (const [, target = '', fragment] of read(page).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)) {
      const path = target === '' ? page : join(dirname(page), target);
      expect(existsSync(join(ROOT, path)), `${page} → ${target}`).toBe(true);
      if (fragment) expect(anchorsOf(read(path)), `${page} → ${target}#${fragment}`).toContain(fragment);
    }
  }
});

describe.each(['superoffice', 'deskera'])('%s.md', (page) => {
  const text = read(`docs/connect/${page}.md`);
  const rows = rowsBelow(text, "The vendor's page, line by line");

  test('goes through the vendor’s page line by line', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  test('every test that it names exists under that name', () => {
    const named = rows.flatMap(([, , shownBy = '']) => testsIn(shownBy));
    expect(named.length).toBeGreaterThanOrEqual(rows.length - 1);
    named.forEach(expectTest);
  });

  test('no cell of the last column is anything but such a test', () => {
    for (const [statement, , shownBy = ''] of rows) {
      const rest = shownBy.replaceAll(/\[[\w-]+\]\([^)]+\) “[^”]+”(?:; )?/g, '');
      expect(rest, statement).toBe('');
    }
  });
});

test('superoffice.md lists what SuperOffice has words for', () => {
  const rows = rowsBelow(read('docs/connect/superoffice.md'), 'Events of another origin');
  const printed = rows.flatMap(([entities = '', verbs = '']) =>
    entities.split(', ').map((entity) => [entity, verbs.split(', ')] as const),
  );
  const words = new Map(printed.filter(([entity]) => VOCABULARY.has(entity)));
  expect([...words].sort()).toEqual([...VOCABULARY].sort());
});

test('providers.md names what a provider says, and every provider is a folder, a page and a line of the index', () => {
  const page = read('docs/inside/providers.md');
  const [, members = ''] =
    /export interface Provider \{([^]*)\n\}/.exec(read('src/providers/provider.ts')) ?? [];
  const names = [...members.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(4);
  expect(rowsBelow(page, 'What the folder says').map(([name]) => name)).toEqual(names);
  for (const [, path = ''] of page.matchAll(/`((?:src|test)\/[\w/.-]+)`/g)) {
    expect(existsSync(join(ROOT, path)), path).toBe(true);
  }
  for (const name of CODED_PROVIDER_NAMES) {
    expect(existsSync(join(ROOT, 'src', 'providers', name, 'inbound.ts')), name).toBe(true);
    expect(existsSync(join(ROOT, 'test', 'providers', name)), name).toBe(true);
    expect(read('docs/README.md'), name).toContain(`](connect/${name}.md)`);
  }
});

describe('superoffice.md', () => {
  const rows = rowsBelow(read('docs/connect/superoffice.md'), "The vendor's calls and members");

  test.skipIf(noSwagger)('lists each call and member of the vendor’s swagger files, and PATCH', () => {
    const documented = [...swaggerCalls(), 'PATCH /api/v1/Webhook/{id}', ...swaggerMembers()];
    expect(rows.map(([what]) => what).sort()).toEqual(documented.sort());
  });

  test('each of them is shown by a test that exists under that name', () => {
    expect(rows.length).toBeGreaterThan(40);
    for (const [what, shownBy = ''] of rows) {
      const named = testsIn(shownBy);
      expect(named.length, what).toBeGreaterThan(0);
      named.forEach(expectTest);
    }
  });
});

/** Of headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

interface NamedTest {
  readonly label: string;
  readonly path: string;
  readonly name: string;
}

/** Tests in a cell, as `[file](../../test/…/file.test.ts) “title”`. */
function testsIn(cell: string): NamedTest[] {
  const named = cell.matchAll(/\[([\w-]+)\]\((?:\.\.\/)+(test\/[\w/-]+\.test\.ts)\) “([^”]+)”/g);
  return Array.from(named, ([, label = '', path = '', name = '']) => ({ label, path, name }));
}

function expectTest({ label, path, name }: NamedTest): void {
  expect(path, path).toContain(`/${label}.test.ts`);
  const source = existsSync(join(ROOT, path)) ? read(path) : '';
  expect(namesIn(source), `${path}: ${name}`).toContain(name);
}

/** What may be the name of a test in a file, as it is written there: a text with a comma behind it. */
function namesIn(source: string): string[] {
  return [...source.matchAll(/(['"`])((?:(?!\1).)+)\1,/g)].map(([, , name = '']) => name);
}
