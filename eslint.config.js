import comments from '@eslint-community/eslint-plugin-eslint-comments/configs';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const PLATFORM = {
  regex: '^(cloudflare:|hono($|/)|@hono/|zod($|/))',
  message: 'core and providers are pure: no platform, no HTTP framework, no schemas.',
};
const SHELLS = {
  regex: '^(\\.\\./)+(event-log|hook|http|registry|tenants|switchboard)(/|$)',
  message: 'core and providers know nothing of the objects and the edge around them.',
};

export default defineConfig(
  { ignores: ['.posthorn/', '.wrangler/', 'console/dist/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  tseslint.configs.strictTypeChecked,
  comments.recommended,
  {
    languageOptions: {
      parserOptions: {
        // The first that has the file decides: what both have (test/support) is Node's.
        project: ['tsconfig.node.json', 'tsconfig.json', 'console/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@eslint-community/eslint-comments/require-description': ['error', { ignore: ['eslint-enable'] }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Numbers and booleans read well in a message; objects and null do not.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // A named arrow that only calls is the shape of most callbacks.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/core/**', 'src/providers/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [PLATFORM, SHELLS] }] },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/switch-exhaustiveness-check': 'off' },
  },
);
