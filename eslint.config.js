/**
 * The lint rules: what the compiler cannot see and a reviewer would otherwise have to. Import direction between folders is
 * judged by dependency-cruiser; here stand the language itself, sizes, and what each folder may not touch.
 * Every restriction of our own has a planted violation in test/fixtures/violations, and test/quality/lint.test.ts
 * proves that it fires.
 */
import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

const NODE_BUILTINS = builtinModules.filter((name) => !name.startsWith('_')).join('|');

/** Forbidden syntax, each with what to do instead. Blocks add these lists up, because a later block replaces the whole rule. */
const EVERYWHERE = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: a default export has as many names as importers.' },
  { selector: 'ExportAllDeclaration', message: 'Import from the defining module: no barrels.' },
];
const ENVIRONMENT = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Only config/ reads the environment; take a parsed value instead.',
  },
];
const CLOCK_AND_CHANCE = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Core has no clock: take the instant as an argument.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Core has no clock: take the instant as an argument.' },
  { selector: "CallExpression[callee.name='Date']", message: 'Core has no clock: take the instant as an argument.' },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Core has no chance: take a seed or a value as an argument.' },
];
/** One evaluation of a module serves all workflow runs of a worker (workers/workflow-bundle.ts). */
const AT_MODULE_LEVEL = ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration';
const STATE = ["[kind='let']", "> VariableDeclarator > NewExpression[callee.name=/^(Weak)?(Map|Set)$/][arguments.length=0]", '> VariableDeclarator > ArrayExpression[elements.length=0]']
  .map((state) => ({ selector: `${AT_MODULE_LEVEL}${state.startsWith('>') ? ' ' : ''}${state}`, message: 'A module of a workflow holds no state: all runs of a worker would share it. Keep it in the run.' }));
const CORE_GLOBALS = [
  'process', 'globalThis', 'global', 'fetch', 'WebSocket', 'console', 'performance', 'crypto',
  'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask',
].map((name) => ({ name, message: 'Core is pure: no I/O, no clock, no timers. Return a decision and let the caller act.' }));

const NODE_IMPORTS = {
  regex: `^(node:|(${NODE_BUILTINS})$)`,
  message: 'Not here: this code must run the same in a workflow, a backtest and a test.',
};

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**', 'data/**', 'logs/**', 'reports/**', 'backup/**', 'test/fixtures/**'] },
  tseslint.configs.base,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // `== null` asks for both kinds of nothing at once; everything else is compared as what it is.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-param-reassign': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-empty': 'error',
      'max-params': ['error', 3],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...EVERYWHERE, ...ENVIRONMENT],
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
    },
  },
  {
    files: ['core/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...EVERYWHERE, ...ENVIRONMENT, ...CLOCK_AND_CHANCE, ...STATE],
      'no-restricted-globals': ['error', ...CORE_GLOBALS],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [NODE_IMPORTS] }],
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...EVERYWHERE, ...ENVIRONMENT, ...STATE],
      '@typescript-eslint/no-restricted-imports': ['error', {
        patterns: [
          NODE_IMPORTS,
          { group: ['**/activities/**'], allowTypeImports: true, message: 'Workflows know activities by type only: `import type`, then proxyActivities.' },
          { group: ['**/adapters/**', '**/config/**', '**/workers/**'], message: 'Workflows decide and order; the edges belong to activities.' },
        ],
      }],
    },
  },
  // The two voices that speak to a person at a terminal.
  { files: ['cli/**/*.ts', 'embedded/console*.ts'], rules: { 'no-console': 'off' } },
  // Bundle entry: Temporal finds workflows by the exported names of one module.
  { files: ['workflows/index.ts'], rules: { 'no-restricted-syntax': ['error', EVERYWHERE[0], ...ENVIRONMENT] } },
  { files: ['config/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...EVERYWHERE] } },
  {
    // Tests and scripts are programs of their own: a suite is one long function, children need an environment, results are printed.
    files: ['test/**/*.ts', 'scripts/**/*.mjs'],
    rules: { 'no-restricted-syntax': ['error', ...EVERYWHERE], 'max-lines-per-function': 'off', 'no-console': 'off' },
  },
  {
    // A table test takes one argument per column. What is `any` here (matchers, parsed replies) fails a test, not an order.
    files: ['test/**/*.ts'],
    rules: {
      'max-params': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  // Their hosts load these by their default export.
  { files: ['*.config.{js,ts}', 'test/support/{global-*,*-reporter}.ts'], rules: { 'no-restricted-syntax': 'off' } },
);
