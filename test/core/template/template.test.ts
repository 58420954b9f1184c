import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultText, Template, type Rendering } from '../../../src/core/template/template.ts';

const ENVELOPE = {
  specversion: '1.0',
  id: 'e-1',
  source: '/acme/main',
  type: 'acme.order.created',
  subject: 'order/17',
  recordedtime: '2026-05-04T03:02:01.000Z',
  data: { provider: 'acme', raw: { total: 12.5, lines: [{ sku: 'a' }, { sku: 'b' }], note: '"<&>\n' } },
};

function template(body: string, contentType = 'text/plain'): Template {
  const reading = Template.read({ contentType, body });
  if (!reading.ok) throw new Error(faultText(reading.fault));
  return reading.template;
}

function rendered(
  body: string,
  { envelope = JSON.stringify(ENVELOPE), rawText = '', contentType = 'text/plain' } = {},
) {
  return template(body, contentType).render({ envelope, rawText });
}

function textOf(rendering: Rendering): string {
  if (!rendering.ok) throw new Error(faultText(rendering.fault));
  return new TextDecoder().decode(rendering.body);
}

const faultOf = (rendering: Rendering) => (rendering.ok ? null : rendering.fault);

describe('variables', () => {
  test.each([
    ['{{ type }} {{ subject }} {{ data.provider }}', 'acme.order.created order/17 acme'],
    ['{{ data.raw.lines[1].sku }} {{ data.raw.lines | map: "sku" | join: "+" }}', 'b a+b'],
    ['{% for line in data.raw.lines %}{{ forloop.index }}={{ line.sku }};{% endfor %}', '1=a;2=b;'],
    ['{{ nothing }}[{{ data.nothing.more }}]', '[]'],
    ['{% if data.raw.total > 10 %}large{% else %}small{% endif %}', 'large'],
    ['{{ data.raw.note | json }}', '"\\"<&>\\n"'],
    ['{{ data.raw.note | escape }}', '&#34;&lt;&amp;&gt;\n'],
    ['{{ data.constructor }}{{ data.__proto__ }}{{ data.raw.lines.constructor }}', ''],
    ['{{ data.raw.lines.size }}', '2'],
  ])('%s', (body, expected) => {
    expect(textOf(rendered(body))).toBe(expected);
  });

  test('rawText is the text unchanged, and no member of the envelope takes its place', () => {
    const rawText = '{"a" :  100.0}';
    const envelope = JSON.stringify({ ...ENVELOPE, rawText: 'x' });
    expect(textOf(rendered('{{ rawText }}', { envelope, rawText }))).toBe(rawText);
  });

  test('the clock and the time zone are the event’s, so that each attempt has one body', () => {
    const body =
      '{{ "now" | date: "%Y-%m-%dT%H:%M:%S" }} {{ "today" | date_to_xmlschema }} {{ data.raw.at | date: "%H:%M" }}';
    const envelope = JSON.stringify({ ...ENVELOPE, data: { raw: { at: '2026-01-01T12:00:00+02:00' } } });
    expect(textOf(rendered(body, { envelope }))).toBe('2026-05-04T03:02:01 2026-05-04T03:02:01+00:00 10:00');
  });
});

describe('numbers keep every digit', () => {
  const envelope =
    '{"data":{"raw":{"id":9223372036854775807,"price":100.0,"tiny":1e-400,"plain":7,"minus":-0.5}}}';
  test.each([
    [
      '{{ data.raw.id }} {{ data.raw.price }} {{ data.raw.tiny }} {{ data.raw.plain }} {{ data.raw.minus }}',
      '9223372036854775807 100.0 1e-400 7 -0.5',
    ],
    [
      '{{ data.raw | json }}',
      '{"id":9223372036854775807,"price":100.0,"tiny":1e-400,"plain":7,"minus":-0.5}',
    ],
    ['{% if data.raw.price == 100 %}same{% endif %}', 'same'],
    ['{% if data.raw.id > 9007199254740992 and data.raw.tiny > 0 %}more{% endif %}', 'more'],
    [
      '{% if data.raw.id == "9223372036854775807" %}same{% else %}a number is no text{% endif %}',
      'a number is no text',
    ],
    ['{{ data.raw.price | plus: 1 }}', '101'],
    ['{{ data.raw.price | append: " NOK" }}', '100.0 NOK'],
  ])('%s', (body, expected) => {
    expect(textOf(rendered(body, { envelope }))).toBe(expected);
  });

  test('also in an envelope too deep for the exact reading, but then as doubles', () => {
    const deep = `{"n":100.0,"d":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    expect(textOf(rendered('{{ n }}', { envelope: deep }))).toBe('100');
  });
});

describe('a template that cannot be read is refused, with line and column', () => {
  test.each([
    ['{% include "x" %}', 'tag "include" not found', 1, 1],
    ['\n{% render "x" %}', 'tag "render" not found', 2, 1],
    ['a\n b {% layout "x" %}', 'tag "layout" not found', 2, 4],
    ['{% block x %}{% endblock %}', 'tag "block" not found', 1, 1],
    ['{% frobnicate %}', 'tag "frobnicate" not found', 1, 1],
    ['x {{ type | frobnicate }}', 'undefined filter: frobnicate', 1, 3],
    ['{{ type | sample }}', 'undefined filter: sample', 1, 1],
    ['{{ data | where_exp: "a", "true" }}', 'undefined filter: where_exp', 1, 1],
    ['{% if type %}', 'not closed', 1, 1],
    ['{{ type', 'not closed', 1, 1],
    ['{% for a of b %}{% endfor %}', 'illegal tag', 1, 1],
    ['{% endif %}', 'tag "endif" not found', 1, 1],
    ['{% if a %}'.repeat(6_000), 'nested too deeply', null, null],
  ])('%s', (body, reason, line, column) => {
    const reading = Template.read({ contentType: 'text/plain', body });
    if (reading.ok) throw new Error('it was read');
    expect(reading.member).toBe('body');
    expect(reading.fault.reason).toContain(reason);
    if (line !== null) expect([reading.fault.line, reading.fault.column]).toEqual([line, column]);
  });

  test.each([
    ['contentType', '', 'x'],
    ['contentType', 'json', 'x'],
    ['contentType', 'text/plain\r\nx-evil: 1', 'x'],
    ['contentType', 'text/plain; charset', 'x'],
    ['contentType', `text/${'x'.repeat(255)}`, 'x'],
    ['contentType', 'text/plæin', 'x'],
    ['body', 'text/plain', ''],
    ['body', 'text/plain', 'x'.repeat(65_537)],
    ['body', 'text/plain', 'ä'.repeat(32_769)],
  ])('%s %j', (member, contentType, body) => {
    expect(Template.read({ contentType, body })).toMatchObject({ ok: false, member });
  });

  test('64 KiB in UTF-8 are a body', () => {
    for (const body of ['x'.repeat(65_536), 'ä'.repeat(32_768)])
      expect(Template.read({ contentType: 'text/plain', body }).ok).toBe(true);
  });

  test.each(['text/plain', 'application/json; charset=utf-8', 'application/vnd.a+json;v="1 2"', 'Text/HTML'])(
    '%s is a content type',
    (contentType) => {
      expect(Template.read({ contentType, body: 'x' }).ok).toBe(true);
    },
  );
});

describe('a result', () => {
  test.each(['application/json', 'application/json; charset=utf-8', 'application/problem+json'])(
    'of %s must be JSON',
    (contentType) => {
      expect(textOf(rendered('{"a": {{ subject | json }}}', { contentType }))).toBe('{"a": "order/17"}');
      expect(faultOf(rendered('{"a": {{ subject }}}', { contentType }))?.reason).toContain(
        'the result is not JSON',
      );
      expect(faultOf(rendered('{% if nothing %}1{% endif %}', { contentType }))?.reason).toContain(
        'the result is not JSON',
      );
    },
  );

  test('of any other type may be anything, also nothing', () => {
    expect(textOf(rendered('{% if nothing %}1{% endif %}'))).toBe('');
  });

  test('may have 1 MiB, counted in bytes, and not one more', () => {
    const rawText = 'ä'.repeat(262_144);
    expect(rendered('{{ rawText }}{{ rawText }}', { rawText })).toMatchObject({ ok: true });
    expect(faultOf(rendered('{{ rawText }}{{ rawText }}.', { rawText }))?.reason).toContain(
      'larger than 1048576 bytes',
    );
    expect(faultOf(rendered('{{ rawText }}', { rawText: 'x'.repeat(1_048_577) }))).toMatchObject({
      line: 1,
      column: 1,
    });
  });

  test('that fails says where', () => {
    const fault = faultOf(rendered('a\n  {{ type | divided_by: 0 | date: "%Y" }}{{ "%" | base64_decode }}'));
    expect(fault).toMatchObject({ line: 2 });
    expect(fault?.reason).toContain('base64');
  });
});

describe('hostile templates end within their bounds, and alike each time', () => {
  const raw = Array.from({ length: 200_000 }, (_, at) => at);
  const envelope = JSON.stringify({
    data: {
      raw,
      object: Object.fromEntries(raw.slice(0, 50_000).map((at) => [`k${at}`, at])),
      nulls: raw.map(() => null),
    },
  });
  const rawText = 'a'.repeat(1_500_000);
  const LOOP = (inside: string) => `{% for i in (1..100000) %}${inside}{% endfor %}`;

  test.each([
    [
      'a loop in a loop in a loop',
      '{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['loops over the event', '{% for a in data.raw %}{% for b in data.raw %}{% endfor %}{% endfor %}'],
    ['a range without end', '{% for a in (1..999999999999) %}{% endfor %}'],
    ['ranges within a loop', LOOP('{% assign x = (1..100000) %}')],
    ['members listed again and again', LOOP('{% for a in data.object limit: 1 %}{% endfor %}')],
    ['tables of members', LOOP('{% tablerow a in data.object limit: 1 %}{% endtablerow %}')],
    ['a text that doubles', `{% assign x = "aaaa" %}${LOOP('{% assign x = x | append: x %}')}`],
    [
      'a captured text that doubles',
      `{% assign x = "aaaa" %}${LOOP('{% capture x %}{{ x }}{{ x }}{% endcapture %}')}`,
    ],
    ['large output', LOOP('{{ rawText }}')],
    ['large output that is not shown', LOOP('{% capture x %}{{ rawText }}{% endcapture %}')],
    ['output of nothing, many times', LOOP('{{ data.nulls }}')],
    ['arrays compared', LOOP('{% if data.raw == data.raw %}{% endif %}')],
    ['an array searched', LOOP('{% if data.raw contains -1 %}{% endif %}')],
    ['a text searched', LOOP('{% if rawText contains "b" %}{% endif %}')],
    ['a case of arrays', LOOP('{% case data.raw %}{% when data.nulls %}{% endcase %}')],
    ['sums', LOOP('{% assign x = data.raw | sum %}')],
    ['sorting', LOOP('{% assign x = data.raw | sort %}')],
    ['a path made of the event', '{{ data.raw | map: rawText }}'],
    ['finding', LOOP('{% assign x = data.raw | find: "a", 1 %}')],
    ['unclosed tags of HTML', LOOP('{{ rawText | replace: "a", "<" | strip_html }}')],
    ['dates of great width', LOOP('{{ 0 | date: "%99999999d" }}')],
    [
      'numbers of great length',
      '{{ rawText | replace: "a", "9" | plus: 1 | round: 999999 }}{{ rawText | split: "" | sort | uniq | json }}',
    ],
  ])('%s', (_name, body) => {
    const started = performance.now();
    const first = faultOf(rendered(body, { envelope, rawText }));
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(first).not.toBeNull();
    expect(faultOf(rendered(body, { envelope, rawText }))).toEqual(first);
  });

  test('the whole event, once, is no hostile template', () => {
    expect(textOf(rendered('{{ data.raw | json | size }}', { envelope }))).toBe(
      String(JSON.stringify(raw).length),
    );
  });

  test('text of an event is never run as a template', () => {
    expect(textOf(rendered('{{ rawText }}', { rawText: '{{ 1 | plus: 1 }}{% raw %}' }))).toBe(
      '{{ 1 | plus: 1 }}{% raw %}',
    );
  });

  test('no text of Liquid’s characters breaks anything but itself', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      ' if ',
      ' for a in b ',
      'endfor',
      '|',
      ':',
      '"',
      "'",
      '(1..3)',
      'type',
      'data',
      ' assign x = ',
      'case ',
      'when ',
      '\n',
      '-',
      '[',
      ']',
      '.',
      'raw',
      '#',
      'liquid\n',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 20 }).map((pieces) => pieces.join('')),
        (body) => {
          const reading = Template.read({ contentType: 'text/plain', body });
          if (!reading.ok) expect(reading.fault.reason).not.toBe('');
          else reading.template.render({ envelope: JSON.stringify(ENVELOPE), rawText: 'x' });
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
