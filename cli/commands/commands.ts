/** The commands, each in a file of its own that is read when it is needed. */
import type { Command } from 'commander';

/** Adds arguments, options, examples and what it does to a command. */
export type Define = (command: Command) => void;

export interface Listed {
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
}

export const COMMANDS: Readonly<Record<string, Listed>> = {
  login: {
    summary: 'Keep a relay and its key for later commands',
    load: () => import('./login.ts'),
  },
  status: {
    summary: 'How the relay is doing, and what needs attention',
    load: () => import('./status.ts'),
  },
  sources: { summary: 'List, make and set up sources', load: () => import('./sources.ts') },
  hooks: { summary: 'List, make, pause, resume and test hooks', load: () => import('./hooks.ts') },
  events: { summary: 'Find events, and what became of each', load: () => import('./events.ts') },
  deliveries: {
    summary: 'Find deliveries, and read their attempts',
    load: () => import('./deliveries.ts'),
  },
  retry: { summary: 'Send deliveries again now', load: () => import('./retry.ts') },
  replay: { summary: 'Deliver a part of the log once more', load: () => import('./replay.ts') },
  tail: { summary: 'Show events as they happen', load: () => import('./tail.ts') },
  listen: {
    summary: 'Forward events to a program on this machine',
    load: () => import('./listen.ts'),
  },
  send: { summary: 'Publish an event of your own', load: () => import('./send.ts') },
  doctor: {
    summary: 'Try out a receiver, and say what is wrong with it',
    load: () => import('./doctor.ts'),
  },
  pull: { summary: 'Write sources and hooks as YAML', load: () => import('./pull.ts') },
  plan: { summary: 'Say what applying a file would change', load: () => import('./plan.ts') },
  apply: {
    summary: 'Make sources and hooks what a file says',
    load: () => import('./apply.ts'),
  },
  export: { summary: 'Write everything of a tenant to a file', load: () => import('./export.ts') },
  import: { summary: 'Read an export into an empty tenant', load: () => import('./import.ts') },
  expunge: {
    summary: 'Delete the payloads of events everywhere',
    load: () => import('./expunge.ts'),
  },
  completion: { summary: 'Print completion for bash or zsh', load: () => import('./completion.ts') },
};
