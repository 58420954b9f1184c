/** What anybody may read: the document of the API and the page made from it. Neither costs the relay much, nor can be framed. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Relay, startRelay } from '../support/relay.ts';
import { newTenant } from '../support/tenant.ts';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.dispose());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${relay.url}${path}`, { headers });

describe.each(['/openapi.json', '/docs', '/docs/senders'])('A10: %s', (path) => {
  test('is not sent again to whoever has it', async () => {
    const first = await get(path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(path, { 'if-none-match': known });
      expect([known, again.status, await again.text()]).toEqual([known, 304, '']);
      expect(again.headers.get('etag')).toBe(etag);
    }
    const other = await get(path, { 'if-none-match': '"other"' });
    expect(other.status).toBe(200);
    expect(await other.text()).toBe(await first.text());
  });

  test('has the same head for HEAD, and no body', async () => {
    const [got, head] = [await get(path), await fetch(`${relay.url}${path}`, { method: 'HEAD' })];
    expect(head.status).toBe(200);
    expect(head.headers.get('etag')).toBe(got.headers.get('etag'));
    expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'));
    expect(await head.text()).toBe('');
  });
});

describe('D12: headers that browsers obey', () => {
  test('no answer is taken for what its type does not say', async () => {
    const { key, api } = await newTenant(relay);
    const { inboundUrl } = await api.createSource({ provider: 'deskera', name: 'd' });
    const authorization = `Bearer ${key}`;
    const requests: [string, RequestInit][] = [
      ['/healthz', {}],
      ['/openapi.json', {}],
      ['/docs', {}],
      ['/nothing', {}],
      ['/v1/hooks', {}],
      ['/v1/hooks', { headers: { authorization } }],
      ['/v1/hooks', { method: 'PUT', headers: { authorization } }],
      ['/v1/export', { headers: { authorization } }],
      ['/v1/webhooks', {}],
      ['/v1/webhooks', { headers: { 'x-access-token': key } }],
      ['/api/v1/Webhook', {}],
      ['/api/v1/Webhook', { headers: { authorization } }],
      ['/in/x', {}],
      [new URL(inboundUrl).pathname, {}],
      [new URL(inboundUrl).pathname, { method: 'POST', body: '{}' }],
    ];
    for (const [path, init] of requests) {
      const response = await fetch(`${relay.url}${path}`, init);
      await response.arrayBuffer();
      const shown = [path, response.status, response.headers.get('x-content-type-options')];
      expect(shown).toEqual([path, response.status, 'nosniff']);
    }
  });

  test('/docs runs nothing, loads nothing, cannot be framed and tells nobody where its reader came from', async () => {
    const response = await get('/docs');
    const page = await response.text();
    const policy = new Map(
      (response.headers.get('content-security-policy') ?? '').split(';').map((directive) => {
        const [name = '', ...values] = directive.trim().split(' ');
        return [name, values];
      }),
    );
    expect(policy.get('default-src')).toEqual(["'none'"]);
    expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
    expect(policy.get('base-uri')).toEqual(["'none'"]);
    expect(policy.get('form-action')).toEqual(["'none'"]);
    expect(policy.has('script-src')).toBe(false);
    const styles = Array.from(page.matchAll(/<style>(.*?)<\/style>/gs), ([, style = '']) => style);
    expect(styles).not.toEqual([]);
    const hashes = styles.map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy.get('style-src')).toEqual(hashes);
    expect(page).not.toMatch(/\sstyle=|<script|\son\w+=/i);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });
});
