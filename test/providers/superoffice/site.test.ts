/** A source's site under a merge patch: what stays, what goes, what the mask stands for. */
import { expect, test } from 'vitest';
import { patchSite, siteView, type Site } from '../../../src/providers/superoffice/site.ts';

const SITE: Site = {
  url: 'https://crm.example.com',
  authorization: 'Basic old',
  appToken: 'app',
  relayHost: 'first.example.com',
};

test('what is absent or masked stays, null removes the token of the app', () => {
  const patched = (patch: Parameters<typeof patchSite>[1]) => patchSite(SITE, patch, 'second.example.com');
  expect(patched({})).toEqual({ kind: 'site', site: SITE });
  expect(patched({ url: SITE.url, authorization: '***', appToken: '***' })).toEqual({
    kind: 'site',
    site: SITE,
  });
  expect(patched({ authorization: 'Basic new' })).toEqual({
    kind: 'site',
    site: { ...SITE, authorization: 'Basic new' },
  });
  expect(patched({ appToken: null })).toEqual({ kind: 'site', site: { ...SITE, appToken: null } });
});

test('the host under which the relay was reached is that of the call that set the URL', () => {
  expect(patchSite(SITE, { url: 'https://other.example.com' }, 'second.example.com')).toEqual({
    kind: 'site',
    site: { ...SITE, url: 'https://other.example.com', relayHost: 'second.example.com' },
  });
});

test('a new one needs URL and credential, and the mask stands for neither', () => {
  const url = SITE.url;
  const missing = (patch: Parameters<typeof patchSite>[1]) => {
    const patched = patchSite(null, patch, 'relay.example.com');
    return patched.kind === 'incomplete' ? patched.missing : null;
  };
  expect(missing({})).toBe('url');
  expect(missing({ url })).toBe('authorization');
  expect(missing({ url, authorization: '***' })).toBe('authorization');
  expect(missing({ url, authorization: 'Basic new', appToken: '***' })).toBe('appToken');
  expect(missing({ url, authorization: 'Basic new', appToken: null })).toBeNull();
  expect(missing({ url, authorization: 'Basic new' })).toBeNull();
});

test('its view has no credential in it', () => {
  expect(siteView(SITE)).toEqual({ url: 'https://crm.example.com', hasAppToken: true });
  expect(siteView({ ...SITE, appToken: null })).toEqual({
    url: 'https://crm.example.com',
    hasAppToken: false,
  });
});
