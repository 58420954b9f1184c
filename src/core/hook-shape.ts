/**
 * Whether what a hook sends fits together: its filters, its template, its login and its further signatures, each by its
 * own rules and beside the others. A change is refused only for what it changes.
 */
import { authProblems } from './hook-auth.ts';
import type { BoundProblem } from './hook-bounds.ts';
import { NO_FILTERS, type HookConfig } from './hook-config.ts';
import { MAX_SIGNATURES, signatureProblems } from './extra-signature.ts';
import { readFilters } from './filter/filter.ts';
import { faultText, Template } from './template/template.ts';

interface Problem {
  /** JSON Pointer into the hook. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

type Check = (config: HookConfig) => Problem[];

/** What each rule looks at: nothing of it is changed, nothing of it is refused. */
const CHECKS: readonly { readonly members: readonly (keyof HookConfig)[]; readonly check: Check }[] = [
  { members: ['filters'], check: filterProblems },
  { members: ['format', 'template'], check: templateProblems },
  { members: ['auth', 'headers'], check: loginProblems },
  { members: ['auth', 'headers', 'signatures'], check: furtherSignatureProblems },
];

/** All that does not fit. `before`: what it replaces; null: nothing. */
export function shapeProblems(config: HookConfig, before: HookConfig | null): BoundProblem[] {
  const found = CHECKS.filter(({ members }) => members.some((member) => isChanged(member, config, before)));
  return found.flatMap(({ check }) => check(config)).map(toBoundProblem);
}

function isChanged(member: keyof HookConfig, config: HookConfig, before: HookConfig | null): boolean {
  return before === null || JSON.stringify(config[member]) !== JSON.stringify(before[member]);
}

function filterProblems({ filters = NO_FILTERS }: HookConfig): Problem[] {
  const reading = readFilters(JSON.parse(filters));
  return reading.ok ? [] : [...reading.problems];
}

function templateProblems({ format, template = null, dialect }: HookConfig): Problem[] {
  const isScript = dialect.kind === 'superoffice' && dialect.type === 'crmscript';
  if (format === 'template' && isScript) {
    return [{ path: '/format', expected: '"superoffice", as the hook runs a CRMScript', got: '"template"' }];
  }
  if (template === null) {
    const expected = 'a template, as the format is template';
    return format === 'template' ? [{ path: '/template', expected, got: 'null' }] : [];
  }
  const missing = (['contentType', 'body'] as const).filter((member) => typeof template[member] !== 'string');
  if (missing.length > 0) {
    return missing.map((member) => ({ path: `/template/${member}`, expected: 'a text', got: 'nothing' }));
  }
  const reading = Template.read(template);
  if (reading.ok) return [];
  const expected = reading.member === 'body' ? 'a template in Liquid' : 'a media type';
  return [{ path: `/template/${reading.member}`, expected, got: faultText(reading.fault) }];
}

function loginProblems({ auth = null, headers }: HookConfig): Problem[] {
  if (auth === null) return [];
  const problems = authProblems(auth).map((problem) => ({ ...problem, path: `/auth${problem.path}` }));
  if (headers['authorization'] === undefined) return problems;
  const expected = 'no header of that name, as auth sets it';
  return [...problems, { path: '/headers/authorization', expected, got: 'a header of that name' }];
}

function furtherSignatureProblems({ signatures = [], headers, auth = null }: HookConfig): Problem[] {
  const problems: Problem[] = [];
  if (signatures.length > MAX_SIGNATURES) {
    problems.push({
      path: '/signatures',
      expected: `at most ${MAX_SIGNATURES} signatures`,
      got: `${signatures.length}`,
    });
  }
  const taken = new Set([...Object.keys(headers), 'user-agent', ...(auth === null ? [] : ['authorization'])]);
  for (const [index, signature] of signatures.entries()) {
    const path = `/signatures/${index}`;
    if (taken.has(signature.header)) {
      problems.push({
        path: `${path}/header`,
        expected: 'a header that nothing else sets',
        got: signature.header,
      });
    }
    taken.add(signature.header);
    for (const problem of signatureProblems(signature))
      problems.push({ ...problem, path: path + problem.path });
  }
  return problems;
}

function toBoundProblem({ path, expected, got }: Problem): BoundProblem {
  return { member: path.split('/')[1] ?? '', index: null, path, expected, got };
}
