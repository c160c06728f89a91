import tseslint from 'typescript-eslint';

/** Flat switches and tables over every opcode, op or relocation: long because the thing they list is long. */
const flatTables = [
  'src/ir/interpret/*.ts',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', 'stencils/generated/'] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'eqeqeq': 'error',
      'no-restricted-syntax': ['error',
        { selector: 'TSEnumDeclaration, TSModuleDeclaration[kind!="global"]', message: 'Only syntax that Node can strip.' },
        { selector: 'Program > VariableDeclaration[kind="let"]', message: 'No mutable state in modules.' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Indexing is checked by the compiler already; the assertion says that our own logic knows better.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] }] }],
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    // A table of tests is as long as there are cases.
    files: ['**/*.test.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // A test program is one run; its module is its state.
    files: ['tests/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: flatTables, rules: { 'max-lines-per-function': 'off' } },
);
