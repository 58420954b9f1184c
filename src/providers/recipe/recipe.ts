/**
 * The language in which a provider is described as data: how its requests are verified, which of them are no events,
 * where its events lie in the body and what they say. Types alone; what each text may be, the files beside this one
 * say. A recipe fetches nothing, loops over nothing but the items of one body, and stores nothing.
 */

/** A text with parts in braces that are filled from the request: see template.ts. */
export type Template = string;
/** A JSON Pointer, RFC 6901. In `split` and behind `body:` a token may be `*`, every element of an array. */
export type Pointer = string;

export type Digest = 'sha1' | 'sha256' | 'sha512';
export type Encoding = 'hex' | 'base64' | 'base64url';
/** How the bytes of a key are read from the text of a secret. `whsec`: base64 behind `whsec_`. */
export type KeyForm = 'text' | 'base64' | 'hex' | 'whsec';

/** Where a value stands in a request: one of the four. */
export interface Spot {
  /** One name or several: then each value counts. */
  readonly header?: string | readonly string[] | undefined;
  readonly query?: string | undefined;
  /** Of the body, or of an item where the verification is of `each`. */
  readonly body?: Pointer | undefined;
  /** A field of a form-encoded body. */
  readonly form?: string | undefined;
}

export interface SignatureSpot extends Spot {
  readonly encoding: Encoding;
  /** What stands in front of each signature. */
  readonly prefix?: string | undefined;
  /** There are several, of which one must fit. */
  readonly list?: SignatureList | undefined;
}

/** `t=1,v1=…,v1=…`: a separator between the items, and in each item a key, `assign` and a value. */
export interface SignatureList {
  readonly separator: string;
  /** Of the items that are signatures. Without one every item is one. */
  readonly key?: string | undefined;
  /** Default `=`. */
  readonly assign?: string | undefined;
  /** Between several lists, each with a time of its own. */
  readonly groups?: string | undefined;
}

export interface TimestampSpot extends Spot {
  /** A key in the list of signatures; where that has no keys, the place of an item in it, from 0. */
  readonly list?: string | undefined;
  /** Unix seconds or milliseconds, or RFC 3339. */
  readonly unit: 's' | 'ms' | 'iso';
  /** On both sides. Null: the time is signed and does not count. Default 300. */
  readonly toleranceSeconds?: number | null | undefined;
}

interface Chosen {
  /** Where two alternatives look at the same spot: which requests are for this one. */
  readonly when?: Conditions | undefined;
}

interface ByKey {
  /**
   * The key is not the source's secret but the one that the request names and the provider's own host has. Only a provider
   * of the catalogue says where that is.
   */
  readonly fetched?: true | undefined;
}

interface Signed extends Chosen {
  readonly signature: SignatureSpot;
  readonly timestamp?: TimestampSpot | undefined;
  /** Joined, they are what is signed. */
  readonly message: readonly Template[];
  /** The digest of the body, which the signed message names in place of the body itself. */
  readonly content?: ContentDigest | undefined;
  /** Each item of the batch has a signature of its own. */
  readonly each?: boolean | undefined;
}

export interface ContentDigest extends Spot {
  readonly digest: Digest;
  readonly encoding: Encoding;
  readonly prefix?: string | undefined;
}

export interface HmacVerification extends Signed {
  readonly scheme: 'hmac';
  readonly digest: Digest;
  /** Default `text`. */
  readonly key?: KeyForm | undefined;
}

/** A digest of a message that holds `{secret}`. */
export interface HashVerification extends Signed {
  readonly scheme: 'hash';
  readonly digest: Digest;
}

/** The secret is a public key: SPKI in base64 or PEM, for Ed25519 also its 32 bytes in hex or base64. */
export interface PublicKeyVerification extends Signed, ByKey {
  readonly scheme: 'ed25519' | 'ecdsa-p256' | 'rsa';
  /** Default `sha256`; Ed25519 has its own. */
  readonly digest?: Digest | undefined;
}

/** The value is the secret. */
export interface TokenVerification extends Chosen {
  readonly scheme: 'token';
  readonly signature: Spot & { readonly prefix?: string | undefined };
  readonly each?: boolean | undefined;
}

/** The value is a JSON Web Token. It covers no body: its assurance is that of a token. */
export interface JwtVerification extends Chosen, ByKey {
  readonly scheme: 'jwt';
  /** HS256 is under the secret, RS256 under a fetched key. Default HS256. */
  readonly algorithm?: 'HS256' | 'RS256' | undefined;
  /** Whom it has to be for. */
  readonly audience?: string | undefined;
  readonly signature: Spot & { readonly prefix?: string | undefined };
}

/** HTTP Basic: `options.username`, and the secret is the password. */
export interface BasicVerification extends Chosen {
  readonly scheme: 'basic';
}

/** Nothing to check: the URL is the only secret. Stands alone. */
export interface NoVerification extends Chosen {
  readonly scheme: 'none';
}

export type SignedVerification = HmacVerification | HashVerification | PublicKeyVerification;
export type Verification =
  SignedVerification | TokenVerification | JwtVerification | BasicVerification | NoVerification;

/** Holds when the value is there, and with `equals` is that, or one of those. */
export interface Condition extends Spot {
  readonly equals?: string | readonly string[] | undefined;
}

export type Conditions = Condition | readonly Condition[];

export interface Handshake {
  /** All must hold. The value that the first one found is `{value}`. */
  readonly when: Conditions;
  /** Answered only when the request is verified. Default false. */
  readonly signed?: boolean | undefined;
  /** The value becomes the secret of the source, which has none yet; once it has one this is no handshake. */
  readonly keepsSecret?: boolean | undefined;
  readonly reply: HandshakeReply;
}

export interface HandshakeReply {
  /** The body is the value. */
  readonly echo?: true | undefined;
  /** The body is this, as JSON; in texts `{value}` and `{signature}` are filled in. */
  readonly json?: Readonly<Record<string, string | number>> | undefined;
  /** Likewise. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `{signature}`: the HMAC of the value under the source's secret. */
  readonly sign?: ReplySignature | undefined;
  /** Default 200. */
  readonly status?: number | undefined;
  readonly contentType?: string | undefined;
}

export interface ReplySignature {
  readonly digest: Digest;
  readonly encoding: Encoding;
  readonly prefix?: string | undefined;
}

/** Answered like an event, and stored nowhere. */
export interface Ignore {
  readonly when: Conditions;
  /** Ignored only when the request is verified. Default true. */
  readonly signed?: boolean | undefined;
}

/** Of several templates the first that is filled counts. */
export type Fact = Template | readonly Template[];

export interface EventFacts {
  /** The provider's own name of the event. */
  readonly name?: Fact | undefined;
  readonly entity?: Fact | undefined;
  readonly action?: Fact | undefined;
  /**
   * Without one the digest of the item's bytes: the same bytes again are a repetition. Null: nothing tells a repetition
   * from another event that says the same, so each request is an event of its own. In a list, null stands last: that
   * holds where none of the templates is filled.
   */
  readonly id?: Template | readonly (Template | null)[] | null | undefined;
  readonly entityId?: Fact | undefined;
  readonly time?: Fact | undefined;
  readonly account?: Fact | undefined;
  readonly actor?: Fact | undefined;
}

export interface Answers {
  /** Default 200. */
  readonly status?: number | undefined;
  /** To what is not verified. Default 401. */
  readonly refusedStatus?: number | undefined;
  /** Default: what became of the events, as JSON. */
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

export interface Recipe {
  /** The first whose signature the request carries decides. */
  readonly verify: readonly Verification[];
  readonly handshake?: readonly Handshake[] | undefined;
  readonly ignore?: readonly Ignore[] | undefined;
  /** Default `json`, which takes any other body as bytes where there is no `split`. */
  readonly body?: 'json' | 'xml' | undefined;
  /** Where the array of items stands; `''`: it is the body. Of several the first that leads to one. Without it there is one event. */
  readonly split?: Pointer | readonly Pointer[] | undefined;
  readonly event: EventFacts;
  /** The provider's verb → ours. */
  readonly actions?: Readonly<Record<string, string>> | undefined;
  readonly answer?: Answers | undefined;
}
