import { shown } from '../shown.ts';
import type { Step } from './plan.ts';

const SIGNS = { create: '+', update: '~', delete: '-' } as const;
const MAX_VALUE = 80;

/** A step as people read it, and as a line of JSON: without what is sent, which may hold secrets. */
export function stepText({ action, kind, uid, changes }: Step): string {
  const lines = changes.map(({ member, from, to }) =>
    action === 'create'
      ? `    ${member}: ${valueText(to)}`
      : `    ${member}: ${valueText(from)} -> ${valueText(to)}`,
  );
  return [`${SIGNS[action]} ${kind} ${uid}`, ...lines].join('\n');
}

export function stepJson({ action, kind, uid, id, changes }: Step) {
  return { action, kind, uid, id, changes };
}

function valueText(value: unknown): string {
  return shown(typeof value === 'string' ? value : JSON.stringify(value), MAX_VALUE);
}
