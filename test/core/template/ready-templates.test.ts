import { describe, expect, test } from 'vitest';
import { NOTICES } from '../../../src/hook/notices.ts';
import { READY_TEMPLATES } from '../../../src/core/template/ready-templates.ts';
import { faultText, Template, type TemplateText } from '../../../src/core/template/template.ts';

function textOf(text: TemplateText, envelope: object): string {
  const reading = Template.read(text);
  if (!reading.ok) throw new Error(faultText(reading.fault));
  const rendering = reading.template.render({ envelope: JSON.stringify(envelope), rawText: '' });
  if (!rendering.ok) throw new Error(faultText(rendering.fault));
  return new TextDecoder().decode(rendering.body);
}

const PLAIN = READY_TEMPLATES.find(({ id }) => id === 'text');
const lineOf = (envelope: object) => textOf(PLAIN?.template ?? { contentType: '', body: '' }, envelope);

const NOTICE = {
  hookId: 7,
  hookName: 'CRM',
  eventId: 'evt_01J9Z3K4M5N6P7Q8R9S0T1V2W3',
  eventType: 'acme.order.created',
  eventSubject: 'order/17',
  reason: 'exhausted',
  since: '2026-05-04T03:02:01.000Z',
  statusCode: 500,
  error: null,
  answerExcerpt: 'oops',
};
const notice = (type: string, raw: object = NOTICE) => ({
  type,
  subject: 'hook/7',
  source: '/posthorn',
  data: { provider: 'posthorn', raw },
});

test('there is one for each messenger, and one of plain text', () => {
  expect(READY_TEMPLATES.map(({ id }) => id)).toEqual(['slack', 'teams', 'discord', 'google-chat', 'text']);
});

describe('the line', () => {
  test.each([
    [
      'posthorn.hook.failing',
      '🟠 Hook 7 (CRM) is failing since 2026-05-04 03:02 UTC: exhausted, last answer 500.',
    ],
    [
      'posthorn.hook.disabled',
      '🔴 Hook 7 (CRM) is disabled since 2026-05-04 03:02 UTC: exhausted, last answer 500. Its deliveries are held until it is resumed.',
    ],
    ['posthorn.hook.recovered', '🟢 Hook 7 (CRM) delivers again.'],
    [
      'posthorn.hook.backlog',
      '🟠 Hook 7 (CRM) has deliveries waiting since 2026-05-04 03:02 UTC: exhausted, last answer 500.',
    ],
    [
      'posthorn.hook.queue-full',
      '🔴 Hook 7 (CRM) has a full queue since 2026-05-04 03:02 UTC: new events are skipped until there is room.',
    ],
    [
      'posthorn.delivery.dead',
      '🔴 Hook 7 (CRM) will not get acme.order.created of order/17: exhausted, last answer 500.',
    ],
    ['posthorn.test', '🔵 Hook 7 (CRM) is being tried: this is a test.'],
    ['posthorn.anything.else', 'posthorn.anything.else: Hook 7 (CRM)'],
  ])('of %s', (type, expected) => {
    expect(lineOf(notice(type))).toBe(expected);
  });

  test('of a source', () => {
    const raw = { sourceId: 'src_1', sourceName: 'Shop', reason: 'signature', since: null };
    expect(lineOf(notice('posthorn.source.rejecting', raw))).toBe(
      '🟠 Source Shop refuses what is sent to it: signature.',
    );
    expect(lineOf(notice('posthorn.source.silent', { sourceId: 'src_1', since: NOTICE.since }))).toBe(
      '🟠 Source src_1 has sent nothing since 2026-05-04 03:02 UTC.',
    );
  });

  test('of a hook without a name, and of facts that are missing', () => {
    const raw = {
      hookId: 7,
      hookName: '',
      eventId: 'evt_1',
      reason: null,
      since: null,
      statusCode: null,
      error: 'timeout',
    };
    expect(lineOf(notice('posthorn.hook.failing', raw))).toBe('🟠 Hook 7 is failing, last error timeout.');
    expect(lineOf(notice('posthorn.delivery.dead', raw))).toBe(
      '🔴 Hook 7 will not get event evt_1, last error timeout.',
    );
  });

  test('of any other event', () => {
    const event = {
      type: 'acme.order.created',
      subject: 'order/17',
      source: '/acme/main',
      data: { provider: 'acme', raw: {} },
    };
    expect(lineOf(event)).toBe('acme.order.created: order/17 (/acme/main)');
    expect(lineOf({ ...event, subject: undefined })).toBe('acme.order.created (/acme/main)');
    expect(lineOf({ type: 'own.thing', source: '/me' })).toBe('own.thing (/me)');
  });

  test('knows every notice there is', () => {
    for (const type of NOTICES) expect(lineOf(notice(type))).not.toContain(type);
  });
});

describe('each messenger is told of each notice in the words of the line', () => {
  const SOURCE = {
    sourceId: 'src_1',
    sourceName: 'Shop & <Co>',
    since: NOTICE.since,
    expiresAt: NOTICE.since,
  };
  const ABOUT_SOURCES = ['rejecting', 'silent', 'expiring'].map((what) => `posthorn.source.${what}`);
  const notices = [
    ...[...NOTICES, 'posthorn.hook.backlog', 'posthorn.hook.queue-full', 'posthorn.test'].map((type) =>
      notice(type, { ...NOTICE, hookName: 'CRM & <Co>' }),
    ),
    ...ABOUT_SOURCES.map((type) => notice(type, SOURCE)),
  ];
  /** Where each of them shows a text. */
  const SHOWN: Readonly<Record<string, (body: never) => string>> = {
    slack: ({ text }: { text: string }) =>
      text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    teams: ({ attachments: [card] }: { attachments: [{ content: { body: [{ text: string }] } }] }) =>
      card.content.body[0].text,
    discord: ({ content }: { content: string }) => content,
    'google-chat': ({ text }: { text: string }) => text.replaceAll('‹', '<').replaceAll('›', '>'),
  };

  test.each(Object.keys(SHOWN))('%s', (id) => {
    const template = READY_TEMPLATES.find((ready) => ready.id === id)?.template;
    for (const envelope of notices) {
      const body = JSON.parse(textOf(template ?? { contentType: '', body: '' }, envelope)) as never;
      const line = lineOf(envelope);
      expect(line).toMatch(/^[🟠🔴🟢🔵] .*(CRM|Shop) & <Co>/u);
      expect(SHOWN[id]?.(body)).toBe(line);
    }
  });
});

describe('whatever an event says, it cannot get out of the text', () => {
  const NASTY = '<!channel> <@U1> @everyone <users/all> "}{{ type }}\n\\ & {% raw %}';
  const event = {
    type: 'acme.order.created',
    subject: NASTY,
    source: '/acme',
    data: { provider: 'acme', raw: {} },
  };

  test.each(READY_TEMPLATES.filter(({ template }) => template.contentType.includes('json')))(
    '$id',
    ({ template }) => {
      const body = JSON.parse(textOf(template, event)) as unknown;
      expect(JSON.stringify(body)).toContain('{{ type }}');
    },
  );

  test('nobody is mentioned', () => {
    const bodyOf = (id: string) =>
      JSON.parse(
        textOf(
          READY_TEMPLATES.find((ready) => ready.id === id)?.template ?? { contentType: '', body: '' },
          event,
        ),
      ) as Record<string, unknown>;
    expect(bodyOf('slack')['text']).not.toMatch(/<|>/);
    expect(bodyOf('google-chat')['text']).not.toMatch(/<|>/);
    expect(bodyOf('discord')['allowed_mentions']).toEqual({ parse: [] });
  });
});
