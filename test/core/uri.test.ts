import { describe, expect, test } from 'vitest';
import { isMediaType } from '../../src/core/media-type.ts';
import { isAbsoluteUri, isUriReference } from '../../src/core/uri.ts';

const ABSOLUTE = [
  'https://example.com/ü',
  'https://user:pw@example.com:8080/a/b;c=d?e=f/?g#h/?i',
  'http://[::1]/',
  'http://[v1.fe]/'.replace('v1.fe', '2001:db8::1'),
  'urn:event:from:1',
  'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
  'mailto:cncf-wg-serverless@lists.cncf.io',
  'tag:example.com,2026:x',
  'a:',
  'file:///etc/x',
  'https://example.com/%7Ea#',
  'x-y+z.1:/a',
];
const RELATIVE = [
  '/',
  '/cloudevents/spec/pull/123',
  'a',
  'a/b:c',
  './a:b',
  '../x',
  '?a',
  '#a',
  '//example.com/x',
  '1-555-123-4567',
  'ü/😀',
  'sensors/tn-1234567/alerts',
];
const NEITHER = [
  '',
  'http://[',
  'http://[::1',
  'http://[zz]/',
  'http://[1:2]/',
  '//[/',
  ' ',
  'a b',
  'a\tb',
  'a%',
  'a%2',
  '%zz',
  '1:a',
  ':a',
  'a|b',
  'a\\b',
  'a"b',
  'a<b>',
  'a^b',
  'a`b',
  'a{b}',
  'http://a:b:c/',
  'http://a@b@c/',
  'a#b#c',
  'http://exa mple/',
  '\ud800',
  'a\u0000',
];

describe('C9: a URI reference by its spelling', () => {
  test.each(ABSOLUTE)('%j is absolute', (text) => {
    expect([isAbsoluteUri(text), isUriReference(text)]).toEqual([true, true]);
  });
  test.each(RELATIVE)('%j is relative', (text) => {
    expect([isAbsoluteUri(text), isUriReference(text)]).toEqual([false, true]);
  });
  test.each(NEITHER)('%j is none', (text) => {
    expect([isAbsoluteUri(text), isUriReference(text)]).toEqual([false, false]);
  });
  test('a long hostile text takes no time', () => {
    const startedMs = performance.now();
    for (const part of ['a', '/', ':', '@', '%41', ';', '//a@', '[', '?']) {
      isUriReference(`${part.repeat(4096)}|`);
      isUriReference(`http://${part.repeat(4096)}|`);
    }
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});

describe('C9: a media type', () => {
  test.each([
    'application/json',
    'text/plain; charset=utf-8',
    'a/b;c="d e;\\"f"',
    'application/vnd.a+json ; x=y;',
    'TEXT/HTML',
  ])('%j is one', (text) => {
    expect(isMediaType(text)).toBe(true);
  });
  test.each([
    '',
    'no type',
    'json',
    'a/',
    '/b',
    'a/b c',
    'a/b; c',
    'a/b; c=',
    'a/b; c="d',
    'a/b\n',
    'a/b; c="ä"',
    'a/b, c/d',
    'a/b;c=d e',
  ])('%j is none', (text) => {
    expect(isMediaType(text)).toBe(false);
  });
  test('a long hostile text takes no time', () => {
    const startedMs = performance.now();
    for (const part of [';', '; ', ' ', ';a=b', '"', '\\', ';a="b'])
      isMediaType(`a/b${part.repeat(4096)}\u0001`);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
