import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTarget, type TargetPolicy, type TargetRefusal } from '../../src/core/target.ts';

const OWN = ['relay.example.com', '127.0.0.1:8787'];

function verdict(
  text: string,
  policy: TargetPolicy,
  ownHosts: readonly string[] = OWN,
): TargetRefusal | 'ok' {
  const check = checkTarget(text, policy, ownHosts);
  return check.ok ? 'ok' : check.reason;
}

/** The literal zoo of case G1, as host of an https URL: what each policy says of it. */
const ADDRESSES: readonly [host: string, underAny: TargetRefusal | 'ok'][] = [
  ['127.0.0.1', 'ok'],
  ['127.1', 'ok'],
  ['127.255.255.254', 'ok'],
  ['0', 'ip-literal'],
  ['0x7f000001', 'ok'],
  ['2130706433', 'ok'],
  ['017700000001', 'ok'],
  ['１２７.0.0.1', 'ok'],
  ['①②⑦.⓪.⓪.①', 'ok'],
  ['127。0。0。1', 'ok'],
  ['%31%32%37.0.0.1', 'ok'],
  ['127.0.0.1.', 'ok'],
  ['127.0.0.1\\@example.com', 'ok'],
  ['[::1]', 'ok'],
  ['[0:0:0:0:0:0:0:1]', 'ok'],
  ['[::]', 'ip-literal'],
  ['[::127.0.0.1]', 'ip-literal'],
  ['[::ffff:127.0.0.1]', 'ip-literal'],
  ['[::ffff:7f00:1]', 'ip-literal'],
  ['[::ffff:10.0.0.1]', 'ip-literal'],
  ['[64:ff9b::7f00:1]', 'ip-literal'],
  ['[2002:7f00:1::]', 'ip-literal'],
  ['[fe80::1]', 'ip-literal'],
  ['[fc00::1]', 'ok'],
  ['[fdff:ffff::1]', 'ok'],
  ['[fb00::1]', 'ip-literal'],
  ['[fe00::1]', 'ip-literal'],
  ['[fec0::1]', 'ip-literal'],
  ['[fc::1]', 'ip-literal'],
  ['[2001:db8::1]', 'ip-literal'],
  ['[2606:4700::1111]', 'ip-literal'],
  ['[ff02::1]', 'ip-literal'],
  ['169.254.169.254', 'ip-literal'],
  ['[fd00:ec2::254]', 'ip-literal'],
  ['[fd00:0ec2::254]', 'ip-literal'],
  ['[fd20:ce::254]', 'ip-literal'],
  ['[fd20:00ce:0:0:0:0:0:254]', 'ip-literal'],
  ['[FD20:CE::0.0.2.84]', 'ip-literal'],
  ['[fd20:cef::1]', 'ok'],
  ['10.0.0.1', 'ok'],
  ['10.255.255.255', 'ok'],
  ['11.0.0.1', 'ip-literal'],
  ['172.15.255.255', 'ip-literal'],
  ['172.16.0.1', 'ok'],
  ['172.31.255.255', 'ok'],
  ['172.32.0.0', 'ip-literal'],
  ['192.168.0.1', 'ok'],
  ['192.169.0.1', 'ip-literal'],
  ['100.64.0.1', 'ip-literal'],
  ['192.0.0.1', 'ip-literal'],
  ['192.0.2.1', 'ip-literal'],
  ['198.18.0.1', 'ip-literal'],
  ['198.51.100.1', 'ip-literal'],
  ['203.0.113.1', 'ip-literal'],
  ['192.88.99.1', 'ip-literal'],
  ['224.0.0.1', 'ip-literal'],
  ['240.0.0.1', 'ip-literal'],
  ['255.255.255.255', 'ip-literal'],
  ['0.1.2.3', 'ip-literal'],
  ['8.8.8.8', 'ip-literal'],
];

describe('an IP literal passes public in no spelling, and any only as loopback or private', () => {
  test.each(ADDRESSES)('%s', (host, underAny) => {
    expect(verdict(`https://${host}/hook`, 'public')).toBe('ip-literal');
    expect(verdict(`https://${host}/hook`, 'any')).toBe(underAny);
    const onHttp = verdict(`http://${host}/hook`, 'any');
    expect(onHttp).toBe(underAny);
  });
});

const URLS: readonly [url: string, underPublic: TargetRefusal | 'ok', underAny: TargetRefusal | 'ok'][] = [
  ['https://example.com/hook?a=b', 'ok', 'ok'],
  ['HTTPS://EXAMPLE.COM', 'ok', 'ok'],
  ['https://bücher.example.com/hook', 'ok', 'ok'],
  ['https://example.com:443/', 'ok', 'ok'],
  ['https://example.com:8443/', 'ok', 'ok'],
  ['https://@example.com/', 'ok', 'ok'],

  ['http://example.com/', 'scheme', 'scheme'],
  ['http://example.com:443/', 'scheme', 'scheme'],
  ['file:///etc/passwd', 'scheme', 'scheme'],
  ['ftp://example.com/', 'scheme', 'scheme'],
  ['ftp://localhost/', 'scheme', 'scheme'],
  ['javascript:alert(1)', 'scheme', 'scheme'],
  ['data:text/plain,x', 'scheme', 'scheme'],
  ['ws://example.com/', 'scheme', 'scheme'],
  ['blob:https://example.com/x', 'scheme', 'scheme'],

  ['', 'malformed', 'malformed'],
  ['samplewebhookurl', 'malformed', 'malformed'],
  ['/hook', 'malformed', 'malformed'],
  ['//example.com/hook', 'malformed', 'malformed'],
  ['https://', 'malformed', 'malformed'],
  ['https://exa mple.com/', 'malformed', 'malformed'],
  ['https://256.1.1.1/', 'malformed', 'malformed'],
  ['https://1.2.3.4.5/', 'malformed', 'malformed'],
  ['https://[fe80::1%25eth0]/', 'malformed', 'malformed'],
  ['https://example.com:65536/', 'malformed', 'malformed'],

  ['https://user:pass@example.com/', 'credentials', 'credentials'],
  ['https://user@example.com/', 'credentials', 'credentials'],
  ['https://:pass@example.com/', 'credentials', 'credentials'],
  ['http://user:pass@localhost:9000/', 'credentials', 'credentials'],

  ['https://example.com./', 'empty-label', 'empty-label'],
  ['https://example.com../', 'empty-label', 'empty-label'],
  ['https://example..com/', 'empty-label', 'empty-label'],
  ['https://.example.com/', 'empty-label', 'empty-label'],
  ['https://localhost./', 'empty-label', 'empty-label'],

  ['https://localhost/', 'local-name', 'ok'],
  ['http://localhost:9000/', 'local-name', 'ok'],
  ['https://LocalHost/', 'local-name', 'ok'],
  ['https://a.localhost/', 'local-name', 'ok'],
  ['https://x.internal/', 'local-name', 'ok'],
  ['https://x.local/', 'local-name', 'ok'],
  ['https://printer.home.arpa/', 'local-name', 'ok'],
  ['https://home.arpa/', 'local-name', 'ok'],
  ['https://notlocalhost.com/', 'ok', 'ok'],
  ['https://mylocal.example.com/', 'ok', 'ok'],
  ['https://shop.mylocal/', 'ok', 'ok'],
  ['https://shop.notlocalhost/', 'ok', 'ok'],
  ['https://local.example.com/', 'ok', 'ok'],
  ['https://intranet/', 'single-label', 'ok'],
  ['http://receiver:9000/', 'single-label', 'ok'],

  ['https://example.com:22/', 'port', 'port'],
  ['https://example.com:25/', 'port', 'port'],
  ['https://example.com:80/', 'port', 'port'],
  ['https://example.com:6379/', 'port', 'port'],
  ['http://localhost:22/', 'local-name', 'ok'],

  ['https://relay.example.com/in/token', 'own-host', 'own-host'],
  ['https://RELAY.example.com/', 'own-host', 'own-host'],
  ['https://relay.example.com:8443/', 'own-host', 'own-host'],
  ['https://relay.example.com:9/', 'own-host', 'own-host'],
  ['https://other.relay.example.com/', 'ok', 'ok'],
  ['http://127.0.0.1:8787/in/token', 'own-host', 'own-host'],
  ['http://127.0.0.1:9000/', 'ip-literal', 'ok'],
];

describe('the target rules of contract §7 hold under both policies', () => {
  test.each(URLS)('%s', (url, underPublic, underAny) => {
    expect(verdict(url, 'public')).toBe(underPublic);
    expect(verdict(url, 'any')).toBe(underAny);
  });
});

describe('D7: names that are no public host', () => {
  const local =
    'lan home corp intranet private localdomain test invalid example onion arpa svc cluster.local internal local';
  test.each(local.split(' '))('*.%s is refused by public, and is a local name for any', (domain) => {
    for (const host of [`x.${domain}`, `a.b.${domain}`.toUpperCase(), `my-${domain}.${domain}`]) {
      expect(verdict(`https://${host}/`, 'public')).toBe('local-name');
      expect(verdict(`http://${host}:9000/`, 'any')).toBe('ok');
    }
    expect(verdict(`https://${domain.replace('.', '-')}.example.com/`, 'public')).toBe('ok');
    expect(verdict(`https://x.a${domain}.com/`, 'public')).toBe('ok');
  });

  test.each([
    'metadata',
    'METADATA',
    'metadata.google.internal',
    'Metadata.Google.Internal',
    'ｍetadata',
    'metadata%2egoogle.internal',
    'metadata。google。internal',
    'x.metadata.google.internal',
    'metadata.goog',
    'instance-data',
  ])('%s is refused under every policy', (host) => {
    for (const policy of ['public', 'any'] as const) {
      for (const scheme of ['http', 'https'])
        expect(verdict(`${scheme}://${host}/`, policy)).toBe('metadata');
    }
  });

  test('a name that DNS cannot carry is refused under every policy', () => {
    const label = 'a'.repeat(63);
    const longest = `${label}.${label}.${label}.${'a'.repeat(57)}.com`;
    expect(longest).toHaveLength(253);
    for (const policy of ['public', 'any'] as const) {
      expect(verdict(`https://${longest}/`, policy)).toBe('ok');
      expect(verdict(`https://a${longest.replace('aaa.com', '.aaa.com')}/`, policy)).toBe('name-length');
      expect(verdict(`https://${label}a.example.com/`, policy)).toBe('name-length');
      expect(verdict(`https://${label}a/`, policy)).toBe('name-length');
    }
  });
});

test.each(['localhost', 'LOCALHOST', 'a.localhost', '127.1', '127.0.0.2', '[::1]', '0.0.0.0', '[::]'])(
  'a relay on loopback is its own host under the spelling %s',
  (host) => {
    for (const own of ['127.0.0.1:8787', 'localhost:8787', '[::1]:8787', '0.0.0.0:8787']) {
      expect(verdict(`http://${host}:8787/`, 'any', [own])).toBe('own-host');
      expect(verdict(`http://${host}:8788/`, 'any', [own])).not.toBe('own-host');
    }
  },
);

test('an own host without a port means the default ports, and a trailing dot is no way around it', () => {
  expect(verdict('http://relay/', 'any', ['relay'])).toBe('own-host');
  expect(verdict('https://relay/', 'any', ['relay'])).toBe('own-host');
  expect(verdict('http://relay:9000/', 'any', ['relay'])).toBe('ok');
  expect(verdict('https://relay.example.com/', 'public', ['relay.example.com.'])).toBe('own-host');
});

test('an accepted target is the parsed URL, spelling normalised', () => {
  expect(checkTarget(' HTTPS://EXAMPLE.com:443/a b ', 'public', [])).toMatchObject({
    ok: true,
    url: { href: 'https://example.com/a%20b' },
  });
});

test('a refusal says expected and got', () => {
  expect(checkTarget('https://example.com:22/', 'public', [])).toEqual({
    ok: false,
    reason: 'port',
    expected: '443 or 8443',
    got: '22',
  });
  expect(checkTarget('https://0x7f.1/', 'public', [])).toMatchObject({ got: '127.0.0.1' });
});

const policies = fc.constantFrom<TargetPolicy>('public', 'any');

test('no text makes the check throw', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((rest) => `https://${rest}`),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(texts, policies, (text, policy) => {
      expect(typeof checkTarget(text, policy, OWN).ok).toBe('boolean');
    }),
  );
});

test('no IPv4 address passes public, whatever its base and the number of its parts', () => {
  const spell = (part: number, base: number) =>
    base === 16 ? `0x${part.toString(16)}` : base === 8 ? `0${part.toString(8)}` : String(part);
  const bases = fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 4 }), bases, (address, count, base) => {
      const lead = [24, 16, 8].slice(0, count - 1).map((shift) => (address >>> shift) & 0xff);
      const rest = address % 2 ** (8 * (5 - count));
      const host = [...lead, rest].map((part, at) => spell(part, base[at] ?? 10)).join('.');
      expect(verdict(`https://${host}/`, 'public')).toBe('ip-literal');
    }),
  );
});

test('no IPv6 address passes public', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      expect(verdict(`https://[${address}]/`, 'public')).toBe('ip-literal');
    }),
  );
});

test('what public lets through, any lets through', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
      if (verdict(url, 'public') === 'ok') expect(verdict(url, 'any')).toBe('ok');
    }),
  );
});

test('a refusal shows neither credentials nor path nor query', () => {
  const urls = [
    'https://user:s3cret@example.com/',
    'https://user:s3cret@exa mple.com/',
    'https://user:s3cret@127.0.0.1/',
    'https://example.com:22/s3cret?token=s3cret#s3cret',
    'http://example.com/s3cret',
    's3cret',
  ];
  for (const url of urls) {
    const check = checkTarget(url, 'public', OWN);
    expect(check.ok).toBe(false);
    expect(JSON.stringify(check)).not.toContain('s3cret');
  }
});
