/** Format binary against the CloudEvents library, and the test event in each format. */
import { HTTP, type CloudEvent } from 'cloudevents';
import { beforeEach, describe, expect, test } from 'vitest';
import { sealProvider } from '../../../src/core/envelope.ts';
import { FORMATS } from '../../../src/core/hook-config.ts';
import { bodyOf, Mailbox } from '../../support/mailbox.ts';
import { clock, openHook, storedEvent } from '../../support/objects.ts';

beforeEach(() => clock.start());

const bytes = (text: string) => new TextEncoder().encode(text);

describe('format binary reads as the same event with the CloudEvents library', () => {
  test.each([
    ['plain', 'contact/1'],
    ['not ASCII', 'kontakt/Žluť 😀 "100%"'],
    ['control characters', 'a\u0000\r\nx-evil: 1'],
  ])('%s', async (_name, subject) => {
    const box = new Mailbox();
    const hook = await openHook(box.url, { format: 'binary' });
    const raw = bytes('{"a":100.0,"b":12345678901234567890,"ü":"é"}');
    const seal = storedEvent(1, { raw });
    const facts = {
      id: 'id-1',
      event: 'contact.changed',
      entity: 'contact',
      action: 'updated',
      entityId: subject.slice('contact/'.length),
      source: '/test/one',
      account: null,
      actor: null,
      webhookName: null,
      time: null,
      changes: [],
      identifiers: {},
      assurance: 'signature',
      raw: { kind: 'json', text: new TextDecoder().decode(raw) },
    } as const;
    const place = { seq: 1, posthornId: seal.id, recordedAtMs: clock.nowMs() };
    const sealed = sealProvider(facts, { ...place, provider: 'test', sourceId: 'src_1', id: 'id-1' });
    await hook.enqueue({ ...seal, ...sealed, id: seal.id });
    await hook.runDue();
    const [letter] = await box.letters(1);
    if (letter === undefined) throw new Error('nothing arrived');
    for (const value of Object.values(letter.headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
    const event = HTTP.toEvent({ headers: { ...letter.headers }, body: bodyOf(letter) }) as CloudEvent<{
      raw: unknown;
    }>;
    expect(event).toMatchObject({ id: 'id-1', source: '/test/one', type: sealed.type, specversion: '1.0' });
    expect(decodeURIComponent(event.subject ?? '')).toBe(sealed.subject);
    expect(letter.headers['content-type']).toMatch(/^application\/json/);
    expect(letter.headers['ce-datacontenttype']).toBeUndefined();
    expect(bodyOf(letter)).toContain(new TextDecoder().decode(raw));
    expect(event.data?.raw).toEqual(JSON.parse(new TextDecoder().decode(raw)));
    expect(letter.headers).toMatchObject({ 'ce-posthornid': seal.id, 'webhook-id': seal.id });
  });
});

test.each([...FORMATS])(
  'D6: the test call speaks %s, has no place in the sequence and counts nowhere',
  async (format) => {
    const box = new Mailbox();
    const template = format === 'template' ? { contentType: 'text/plain', body: '{{ type }}' } : null;
    const hook = await openHook(box.url, { format, template, paused: true });
    await hook.evict();
    const before = await hook.stub.runtime();
    expect(await hook.inside((instance) => instance.test())).toMatchObject({
      delivered: true,
      statusCode: 200,
    });
    await box.answerWith({ status: 500 });
    expect(await hook.inside((instance) => instance.test())).toMatchObject({
      delivered: false,
      error: 'status',
    });
    expect(await hook.stub.runtime()).toEqual(before);
    const [letter] = await box.letters(1);
    if (letter === undefined) throw new Error('nothing arrived');
    expect(letter.headers['posthorn-sequence']).toBeUndefined();
    expect(letter.headers['posthorn-attempt']).toBe('1');
    if (format === 'structured' || format === 'binary') {
      const event = HTTP.toEvent({ headers: { ...letter.headers }, body: bodyOf(letter) }) as CloudEvent;
      expect(event).toMatchObject({ type: 'posthorn.test', source: '/posthorn', subject: 'hook/7' });
    }
    if (format === 'raw') {
      expect(letter.headers['posthorn-type']).toBe('posthorn.test');
      expect(JSON.parse(bodyOf(letter))).toEqual({ hookId: 7, hookName: '' });
    }
    if (format === 'superoffice') expect(letter.headers['x-superoffice-event']).toBe('test');
    if (format === 'template') expect(bodyOf(letter)).toBe('posthorn.test');
  },
);
