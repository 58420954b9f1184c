/** A delivery as a call of the CRMScript agent: where it goes, which parameters a script gets, what is an include name. */
import { describe, expect, test } from 'vitest';
import {
  isIncludeName,
  scriptBody,
  scriptHeaders,
  scriptUrl,
} from '../../../src/providers/superoffice/crmscript.ts';

function parameters(body: string): Record<string, string> {
  const bytes = scriptBody('ScriptHook1', new TextEncoder().encode(body), 'the-id');
  const call = JSON.parse(new TextDecoder().decode(bytes)) as {
    crmScriptIncludeId: string;
    parameters: Record<string, string>;
  };
  expect(Object.keys(call)).toEqual(['crmScriptIncludeId', 'parameters']);
  expect(call.crmScriptIncludeId).toBe('ScriptHook1');
  return call.parameters;
}

describe('the parameters', () => {
  test('are the members of the event, each as text', () => {
    const body = {
      EventId: '8337ae4a-1dd6-40fd-8dc7-a050664a0af7',
      Timestamp: '2018-04-24T07:50:50.6812131Z',
      Changes: ['contact_id', 'associate_id'],
      Event: 'contact.changed',
      PrimaryKey: 994863,
      Entity: 'contact',
      ContextIdentifier: 'Cust1234',
      ChangedByAssociateId: 316,
      WebhookName: 'own',
    };
    expect(parameters(JSON.stringify(body))).toEqual({
      ...body,
      Changes: 'contact_id,associate_id',
      PrimaryKey: '994863',
      ChangedByAssociateId: '316',
    });
  });

  test('have the EventId of the envelope where the body has none, and the ids of a deleted record one by one', () => {
    expect(parameters('{"Values":{"sale_id":994863,"contact_id":43},"Event":"sale.deleted"}')).toEqual({
      EventId: 'the-id',
      'Values.sale_id': '994863',
      'Values.contact_id': '43',
      Event: 'sale.deleted',
    });
  });

  test('keep number texts; null is empty, an empty list too, an empty object nothing', () => {
    expect(parameters('{"a":100.0,"b":9223372036854775807,"c":true,"d":null,"e":[],"f":{}}')).toEqual({
      EventId: 'the-id',
      a: '100.0',
      b: '9223372036854775807',
      c: 'true',
      d: '',
      e: '',
    });
  });

  test('are JSON where they are nested deeper', () => {
    expect(parameters('{"a":[1,{"b":[2.0]}],"c":{"d":{"e":[null]},"f":["x","y"]}}')).toEqual({
      EventId: 'the-id',
      a: '[1,{"b":[2.0]}]',
      'c.d': '{"e":[null]}',
      'c.f': 'x,y',
    });
  });

  test('names from the language itself are names like any other, and of duplicates the last one counts', () => {
    const found = parameters('{"__proto__":1,"constructor":"c","Event":"first","Event":"last"}');
    expect(Object.entries(found)).toEqual([
      ['EventId', 'the-id'],
      ['__proto__', '1'],
      ['constructor', 'c'],
      ['Event', 'last'],
    ]);
  });
});

test('the token of an app goes along only where there is one', () => {
  const site = { url: 'https://crm.example.com', authorization: 'Basic x', relayHost: 'relay.example.com' };
  const always = { accept: 'application/json', 'content-type': 'application/json', authorization: 'Basic x' };
  expect(scriptHeaders({ ...site, appToken: null })).toEqual(always);
  expect(scriptHeaders({ ...site, appToken: 'app' })).toEqual({ ...always, 'so-apptoken': 'app' });
});

describe('an include name', () => {
  test.each(['ScriptHook1', 'a', 'My script (2)', 'Ærlig-顧客', 'ns.name', 'x'.repeat(255)])(
    'can be %s',
    (name) => {
      expect(isIncludeName(name)).toBe(true);
    },
  );

  test.each(['', ' ', ' a', 'a ', 'a\nb', 'a\u0000', 'https://a.example.com/', 'ftp://a', 'x'.repeat(256)])(
    'cannot be %j',
    (name) => {
      expect(isIncludeName(name)).toBe(false);
    },
  );
});

test.each([
  ['https://online.superoffice.com/Cust1234', 'https://online.superoffice.com/Cust1234/api/v1'],
  ['https://online.superoffice.com/Cust1234/', 'https://online.superoffice.com/Cust1234/api/v1'],
  ['https://online.superoffice.com/Cust1234/api', 'https://online.superoffice.com/Cust1234/api/v1'],
  ['https://online.superoffice.com/Cust1234/api/', 'https://online.superoffice.com/Cust1234/api/v1'],
  ['https://crm.example.com', 'https://crm.example.com/api/v1'],
  ['https://crm.example.com/myapi', 'https://crm.example.com/myapi/api/v1'],
])('the scripts of %s are run below %s', (url, base) => {
  expect(scriptUrl({ url })).toBe(`${base}/Agents/CRMScript/ExecuteScriptByIncludeId`);
});
