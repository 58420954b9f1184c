/** Is an error that of an object, of its storage or of the network, and not of this code? */

/**
 * What the runtime says where nothing marks the error. An object whose writes did not reach the disk is reset, and its
 * callers get what SQLite said; the others are of Cloudflare's documentation, or were seen in workerd.
 */
const MESSAGES: readonly RegExp[] = [
  /\bSQLITE_[A-Z]+/,
  /^internal error; reference = /,
  /\bNetwork connection lost\b/,
  /\bDurable Object\b/,
  /\boutputGateBroken\b/,
  /\bstorage\b.*\b(?:limit|timed? ?out|timeout|exceeded|overloaded|reset)\b/i,
  /^no answer within \d+ ms$/,
];

/** Marks of errors that crossed from an object, or that the runtime says may be tried again. */
const MARKS = ['remote', 'retryable', 'overloaded', 'durableObjectReset'] as const;

export function isOutage(error: Error): boolean {
  return MARKS.some((mark) => mark in error) || MESSAGES.some((message) => message.test(error.message));
}
