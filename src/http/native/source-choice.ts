/** What a source says of its provider, checked before anything is made: recipe, options and secret. */
import { isAttributeText } from '../../core/attribute.ts';
import type { Provider } from '../../providers/provider.ts';
import { CUSTOM, descriptionOf, providerOf, type ProviderChoice } from '../../providers/providers.ts';
import { compile } from '../../providers/recipe/compile.ts';
import { invalid, type FieldError } from '../problem.ts';

const MAX_OPTIONS = 10;

/** The provider as it is for this source. */
export function chosenProvider(choice: ProviderChoice): Provider {
  const { provider: name, recipe } = choice;
  if (name === CUSTOM && recipe === null)
    throw invalid({ path: '/recipe', expected: 'the recipe of this sender', got: 'nothing' });
  if (name !== CUSTOM && recipe !== null)
    throw invalid({ path: '/recipe', expected: `none: ${name} has its own`, got: 'a recipe' });
  const problems = [...optionProblems(choice), ...recipeProblems(choice)];
  if (problems.length > 0) throw invalid(...problems);
  const provider = providerOf(choice);
  if (provider === null) throw new Error(`provider ${name}: expected one that can be read`);
  return provider;
}

/** In the spelling in which it is kept; null: none was sent, and one is made or brought by a handshake. */
export function chosenSecret(provider: Provider, sent: string | undefined): string | null {
  const { about, secretRule } = provider;
  if (sent === undefined) {
    const isOptional =
      about.secret.from === 'none' || provider.bringsSecret === true || provider.isSecretOptional === true;
    if (isOptional || provider.newSecret(new Uint8Array(32)) !== null) return null;
    throw invalid({ path: '/secret', expected: secretRule, got: 'nothing' });
  }
  const reading = provider.readSecret(sent);
  if (!reading.ok) throw invalid({ path: '/secret', expected: secretRule, got: reading.got });
  return reading.secret;
}

/** The same for a rotation: what no relay makes has to be sent. */
export function nextSecret(provider: Provider, sent: string | undefined): string | null {
  const secret = chosenSecret(provider, sent);
  if (secret !== null || provider.newSecret(new Uint8Array(32)) !== null) return secret;
  throw invalid({ path: '/secret', expected: provider.secretRule, got: 'nothing' });
}

function recipeProblems({ provider, options, recipe }: ProviderChoice): FieldError[] {
  if (provider !== CUSTOM || recipe === null) return [];
  const compiling = compile(recipe, options);
  return compiling.ok
    ? []
    : compiling.problems.map(({ path, expected, got }) => ({ path: `/recipe${path}`, expected, got }));
}

function* optionProblems({ provider, options }: ProviderChoice): Generator<FieldError> {
  const count = Object.keys(options).length;
  if (count > MAX_OPTIONS)
    yield { path: '/options', expected: `at most ${MAX_OPTIONS} members`, got: `${count}` };
  for (const [name, value] of Object.entries(options)) {
    // What stands in braces is filled from the request: no option is.
    if (!isAttributeText(value) || /[{}]/.test(value))
      yield {
        path: `/options/${name}`,
        expected: 'text without braces and control characters',
        got: 'other text',
      };
  }
  if (provider === CUSTOM) return;
  const known = descriptionOf(provider)?.options ?? {};
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known);
      const expected = names.length === 0 ? `none: ${provider} has no options` : `one of ${names.join(', ')}`;
      yield { path: `/options/${name}`, expected, got: 'another option' };
    }
  }
  for (const [name, option] of Object.entries(known)) {
    if (option.default === undefined && !Object.hasOwn(options, name))
      yield { path: `/options/${name}`, expected: option.label, got: 'nothing' };
  }
}
