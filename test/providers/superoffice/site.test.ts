/** A source's site under a merge patch: what stays, what goes, what the mask stands for. */
import { describe, expect, test } from 'vitest';
import { isAuthorized, patchSite, siteView, type Site } from '../../../src/providers/superoffice/site.ts';

const SITE = {
  url: 'https://crm.example.com',
  authorization: 'Basic old',
  appToken: 'app',
  relayHost: 'first.example.com',
} satisfies Site;

test('what is absent or masked stays, null removes the token of the app', () => {
  const patched = (patch: Parameters<typeof patchSite>[1]) => patchSite(SITE, patch, 'second.example.com');
  expect(patched({})).toEqual({ kind: 'site', site: SITE, dropped: [] });
  expect(patched({ url: SITE.url, authorization: '***', appToken: '***' })).toEqual({
    kind: 'site',
    site: SITE,
    dropped: [],
  });
  expect(patched({ authorization: 'Basic new' })).toEqual({
    kind: 'site',
    site: { ...SITE, authorization: 'Basic new' },
    dropped: [],
  });
  expect(patched({ appToken: null })).toEqual({
    kind: 'site',
    site: { ...SITE, appToken: null },
    dropped: [],
  });
});

test('the host under which the relay was reached is that of the call that set the URL', () => {
  const url = `${SITE.url}/other`;
  expect(patchSite(SITE, { url }, 'second.example.com')).toEqual({
    kind: 'site',
    site: { ...SITE, url, relayHost: 'second.example.com' },
    dropped: [],
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
  expect(siteView(SITE)).toEqual({
    url: 'https://crm.example.com',
    hasAuthorization: true,
    hasAppToken: true,
  });
  expect(siteView({ ...SITE, appToken: null })).toEqual({
    url: 'https://crm.example.com',
    hasAuthorization: true,
    hasAppToken: false,
  });
});

describe('D8: at another host', () => {
  const url = 'https://other.example.com';
  const elsewhere = { ...SITE, url, relayHost: 'second.example.com' };
  const moved = (patch: Parameters<typeof patchSite>[1], site: Site = SITE) =>
    patchSite(site, { url, ...patch }, 'second.example.com');

  test.each([{}, { authorization: '***', appToken: '***' }, { appToken: '***' }])(
    'credentials stay behind unless they are sent along: %j',
    (patch) => {
      expect(moved(patch)).toEqual({
        kind: 'site',
        site: { ...elsewhere, authorization: null, appToken: null },
        dropped: ['site.authorization', 'site.appToken'],
      });
    },
  );

  test('those that are sent along count', () => {
    expect(moved({ authorization: 'Basic new' })).toEqual({
      kind: 'site',
      site: { ...elsewhere, authorization: 'Basic new', appToken: null },
      dropped: ['site.appToken'],
    });
    expect(moved({ authorization: 'Basic new', appToken: null })).toMatchObject({ dropped: [] });
    expect(moved({ authorization: 'Basic new' }, { ...SITE, appToken: null })).toMatchObject({ dropped: [] });
  });

  test('a site without its credential is not called, and takes a new one', () => {
    const without = { ...SITE, authorization: null };
    expect(isAuthorized(without)).toBe(false);
    expect(patchSite(without, { authorization: 'Basic new' }, 'x')).toMatchObject({
      site: { ...SITE, authorization: 'Basic new' },
    });
    expect(patchSite(without, { appToken: null }, 'x')).toMatchObject({ site: { authorization: null } });
    expect(patchSite(without, { authorization: '***' }, 'x')).toEqual({
      kind: 'incomplete',
      missing: 'authorization',
    });
  });
});
