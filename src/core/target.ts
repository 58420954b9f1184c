/**
 * May a hook post to this URL? Contract §7, asked at registration and again before every attempt.
 * Judges the URL alone: it resolves no name, so DNS rebinding stays open inside workerd.
 */

/** `any` is for local runs: it also opens loopback, private addresses and private names, on http and any port. */
export type TargetPolicy = 'public' | 'any';

export type TargetRefusal =
  | 'malformed'
  | 'scheme'
  | 'credentials'
  | 'empty-label'
  | 'own-host'
  | 'ip-literal'
  | 'single-label'
  | 'local-name'
  | 'metadata'
  | 'name-length'
  | 'port';

/** `got` shows at most scheme, host or port: paths, queries and credentials of a URL may be secrets. */
export type TargetCheck =
  | { readonly ok: true; readonly url: URL }
  | {
      readonly ok: false;
      readonly reason: TargetRefusal;
      readonly expected: string;
      readonly got: string;
    };

const EXPECTED: Record<TargetRefusal, string> = {
  malformed: 'an absolute URL, such as https://example.com/hook',
  scheme: 'https (http only to loopback and private hosts, and only where TARGET_POLICY=any)',
  credentials: 'no user name or password in the URL (use an extra header)',
  'empty-label': 'a host name without leading, doubled or trailing dots',
  'own-host': "a host other than the relay's own",
  'ip-literal': 'a host name (loopback and private addresses only where TARGET_POLICY=any)',
  'single-label': 'a public host name with a dot (other names only where TARGET_POLICY=any)',
  'local-name': 'a public host name (local names only where TARGET_POLICY=any)',
  metadata: "a host other than a cloud's metadata service",
  'name-length': 'a host name of at most 253 characters, each part of it at most 63',
  port: '443 or 8443',
};

type HostKind =
  | 'loopback-address'
  | 'loopback-name'
  | 'private-address'
  | 'unspecified-address'
  | 'other-address'
  | 'single-label'
  | 'local-name'
  | 'metadata-name'
  | 'overlong-name'
  | 'public-name';

/** What each kind of host is refused as under `public`; null: it is not. */
const REFUSED_AS: Record<HostKind, TargetRefusal | null> = {
  'loopback-address': 'ip-literal',
  'loopback-name': 'local-name',
  'private-address': 'ip-literal',
  'unspecified-address': 'ip-literal',
  'other-address': 'ip-literal',
  'single-label': 'single-label',
  'local-name': 'local-name',
  'metadata-name': 'metadata',
  'overlong-name': 'name-length',
  'public-name': null,
};

/** What `any` opens: loopback and private, nothing else. Every other host obeys the public rules there too. */
const OPEN_LOCALLY: ReadonlySet<HostKind> = new Set([
  'loopback-address',
  'loopback-name',
  'private-address',
  'single-label',
  'local-name',
]);

/** Names that mean something on a private network, or are reserved so that they mean nothing on the public one. */
const LOCAL_DOMAINS = [
  ...[
    'local',
    'internal',
    'lan',
    'home',
    'corp',
    'intranet',
    'private',
    'localdomain',
    'svc',
    'cluster.local',
  ],
  ...['test', 'invalid', 'example', 'onion', 'arpa'],
];
/** Where clouds hand out credentials to whoever asks: no local run needs them. */
const METADATA_NAMES = ['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data'];
/** The same as IPv6: AWS, Google Cloud. Both lie inside fc00::/7. */
const METADATA_ADDRESSES = ['fd00:ec2:', 'fd20:ce:'];
const MAX_NAME_CHARACTERS = 253;
const MAX_LABEL_CHARACTERS = 63;

/**
 * Checks one target.
 * @param text the URL as registered; it is parsed the way `fetch` will parse it, so that every spelling of an
 *   address (octal, hex, one number, full-width digits, percent-encoding) is judged as the address it becomes
 * @param ownHosts `name` or `name:port` of the relay itself; without a port both 80 and 443 are meant. Must be
 *   well-formed (throws TypeError otherwise). A public host is the relay's own on every port; on loopback and
 *   private hosts the port decides, because there a receiver beside the relay is the normal case.
 */
export function checkTarget(text: string, policy: TargetPolicy, ownHosts: readonly string[]): TargetCheck {
  const url = URL.parse(text);
  // The text itself is not shown: it may carry credentials that cannot be told apart in what does not parse.
  if (url === null) return refused('malformed', `${text.length} characters that are no URL`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refused('scheme', url.protocol);
  if (url.username !== '' || url.password !== '') return refused('credentials', 'a URL with credentials');
  if (url.hostname.split('.').includes('')) return refused('empty-label', url.hostname);
  if (ownHosts.some((own) => isSameHost(url, own))) return refused('own-host', url.host);

  const kind = hostKind(url.hostname);
  if (policy === 'any' && OPEN_LOCALLY.has(kind)) return { ok: true, url };

  const reason = REFUSED_AS[kind];
  if (reason !== null) return refused(reason, url.hostname);
  if (url.protocol !== 'https:') return refused('scheme', url.protocol);
  if (url.port !== '' && url.port !== '8443') return refused('port', url.port);
  return { ok: true, url };
}

function refused(reason: TargetRefusal, got: string): TargetCheck {
  return { ok: false, reason, expected: EXPECTED[reason], got };
}

/** Of a host name as `URL` gives it: lower case, ASCII, IPv4 as four decimal numbers, IPv6 compressed in brackets. */
function hostKind(hostname: string): HostKind {
  if (hostname.startsWith('[')) return ipv6Kind(hostname.slice(1, -1));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return ipv4Kind(hostname);
  if (isOverlong(hostname)) return 'overlong-name';
  if (METADATA_NAMES.some((name) => isWithin(hostname, name))) return 'metadata-name';
  if (isWithin(hostname, 'localhost')) return 'loopback-name';
  if (!hostname.includes('.')) return 'single-label';
  return LOCAL_DOMAINS.some((domain) => isWithin(hostname, domain)) ? 'local-name' : 'public-name';
}

/** 169.254/16 stays closed: nothing local needs it, and cloud metadata answers there. So do 100.64/10 and 0/8. */
function ipv4Kind(address: string): HostKind {
  const [a = 0, b = 0] = address.split('.').map(Number);
  if (address === '0.0.0.0') return 'unspecified-address';
  if (a === 127) return 'loopback-address';
  const isPrivate = a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
  return isPrivate ? 'private-address' : 'other-address';
}

/**
 * Only ::1 and fc00::/7 count as loopback and private. An IPv4 address inside an IPv6 one (mapped, NAT64, 6to4)
 * has a plain spelling and is refused; link-local ones need a zone, which a URL cannot carry.
 */
function ipv6Kind(address: string): HostKind {
  if (address === '::') return 'unspecified-address';
  if (address === '::1') return 'loopback-address';
  if (METADATA_ADDRESSES.some((prefix) => address.startsWith(prefix))) return 'other-address';
  return /^f[cd]..:/.test(address) ? 'private-address' : 'other-address';
}

/** What DNS cannot carry. */
function isOverlong(hostname: string): boolean {
  return (
    hostname.length > MAX_NAME_CHARACTERS ||
    hostname.split('.').some((label) => label.length > MAX_LABEL_CHARACTERS)
  );
}

function isWithin(hostname: string, domain: string): boolean {
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

function isSameHost(target: URL, own: string): boolean {
  const relay = new URL(`http://${own}`);
  const relayHostname = relay.hostname.replace(/\.$/, '');
  const kind = hostKind(target.hostname);
  const isSameMachine =
    target.hostname === relayHostname || (isThisMachine(kind) && isThisMachine(hostKind(relayHostname)));
  if (!isSameMachine || kind === 'public-name') return isSameMachine;

  const targetPort = target.port || (target.protocol === 'https:' ? '443' : '80');
  return relay.port === '' ? targetPort === '80' || targetPort === '443' : targetPort === relay.port;
}

/** Every spelling of loopback is one machine: else a hook on `localhost` would loop into a relay on 127.0.0.1. */
function isThisMachine(kind: HostKind): boolean {
  return kind === 'loopback-address' || kind === 'loopback-name' || kind === 'unspecified-address';
}
