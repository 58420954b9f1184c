/**
 * The public key in an X.509 certificate, and when that is in force. Its issuer is not checked: who asks has it from the
 * provider's own host, over TLS.
 * Source: RFC 5280, 4.1.
 */
import { base64Of, bytesOfBase64 } from '../../core/base64.ts';
import { tlvAt, tlvsIn, type Tlv } from './der.ts';

export interface Certificate {
  /** SPKI in base64. */
  readonly publicKey: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Of the certificate alone; what a chain adds behind it is not read. */
const PEM = /-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]{1,32768})-----END CERTIFICATE-----/;
const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** `[0]`, where the version is said. */
const VERSION = 0xa0;
const MAX_FIELDS = 12;

/** Null: the text holds none. */
export function certificateIn(text: string): Certificate | null {
  const [, base64 = ''] = PEM.exec(text) ?? [];
  const bare = base64.replace(/\s/g, '');
  if (bare === '' || bare.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(bare)) return null;
  return certificateOf(bytesOfBase64(bare));
}

/** The same of its bytes in DER. */
export function certificateOf(der: Uint8Array): Certificate | null {
  const whole = tlvAt(der, 0, der.length);
  if (whole?.tag !== SEQUENCE || whole.end !== der.length) return null;
  const [tbs] = tlvsIn(der, whole, 3) ?? [];
  if (tbs?.tag !== SEQUENCE) return null;
  const fields = tlvsIn(der, tbs, MAX_FIELDS) ?? [];
  // Version (which may be left out), serial number, signature, issuer, validity, subject, key.
  const [, , , validity, , key] = fields[0]?.tag === VERSION ? fields.slice(1) : fields;
  const times = validity?.tag === SEQUENCE ? tlvsIn(der, validity, 2) : null;
  if (times === null || key?.tag !== SEQUENCE || !isPublicKey(der, key)) return null;
  const [fromMs, untilMs] = times.map((time) => timeOf(der, time));
  if (fromMs === undefined || untilMs === undefined || Number.isNaN(fromMs + untilMs)) return null;
  return { publicKey: base64Of(der.slice(key.start, key.end)), fromMs, untilMs };
}

/** An algorithm and a bit string; which key it is, who verifies with it finds out. */
function isPublicKey(der: Uint8Array, key: Tlv): boolean {
  const [algorithm, bits] = tlvsIn(der, key, 2) ?? [];
  return algorithm?.tag === SEQUENCE && bits?.tag === BIT_STRING;
}

const TIMES: Readonly<Record<number, RegExp>> = {
  [UTC_TIME]: /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/,
  [GENERALIZED_TIME]: /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/,
};

/** Unix milliseconds; NaN: it is no time. */
function timeOf(der: Uint8Array, { tag, content, end }: Tlv): number {
  const text = new TextDecoder().decode(der.subarray(content, Math.min(end, content + 20)));
  const [, year = '', ...rest] = TIMES[tag]?.exec(text) ?? [];
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number);
  // Two digits are of the years 1950 to 2049.
  const fullYear = year.length === 2 ? Number(year) + (Number(year) < 50 ? 2000 : 1900) : Number(year);
  return year === '' ? NaN : Date.UTC(fullYear, month - 1, day, hour, minute, second);
}
