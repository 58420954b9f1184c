/** The rules that the makers of linters recommend for an OpenAPI document. */
import { BaseResolver, createConfig, lintDocument, makeDocumentFromString } from '@redocly/openapi-core';
import spectralCore, { type RulesetDefinition } from '@stoplight/spectral-core';
import spectralRules from '@stoplight/spectral-rulesets';

/** A WebSocket is answered with 101, and the rules know of no success but 2xx. */
function isUpgrade(place: string): boolean {
  return /(listen|tail)\/get\b/.test(place);
}

/** What Redocly’s recommended rules find, errors and warnings alike. */
export async function lintWithRedocly(text: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const document = makeDocumentFromString(text, 'openapi.json');
  const problems = await lintDocument({ document, config, externalRefResolver: new BaseResolver() });
  return problems
    .filter(
      ({ ruleId, location }) =>
        !(ruleId === 'operation-2xx-response' && isUpgrade(location[0]?.pointer ?? '')),
    )
    .map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer ?? ''}`);
}

/** What Spectral’s recommended OpenAPI rules find, of every severity. */
export async function lintWithSpectral(text: string): Promise<string[]> {
  const spectral = new spectralCore.Spectral();
  spectral.setRuleset({ extends: [spectralRules.oas as RulesetDefinition] });
  const problems = await spectral.run(text);
  const ofCalls = problems.filter(
    ({ code, path }) => !(code === 'operation-success-response' && isUpgrade(path.join('/'))),
  );
  return ofCalls.map(({ code, message, path }) => `${String(code)}: ${message} at ${path.join('/')}`);
}
