import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const layers = {
  http: [],
  mdns: [],
  body: ['http'],
  routing: ['http'],
  auth: ['http'],
  exchange: ['http', 'body', 'routing', 'auth'],
  file: ['http', 'body', 'routing', 'auth', 'exchange'],
  sse: ['http', 'exchange'],
  websocket: ['http', 'exchange'],
  server: ['http', 'body', 'routing', 'auth', 'exchange', 'file', 'sse', 'websocket', 'mdns'],
  api: ['http', 'body', 'routing', 'auth', 'exchange', 'file', 'sse', 'websocket', 'server'],
};

// What a flow may not need is loaded on first use: `lazily(() => require('./part.js') as typeof Part)`. Only files of our
// own, and Node's: the type import beside it is what the rules below and TypeScript hold to the layers.
const ownRequire = ['error', { allow: ['^\\.{1,2}/', '^node:'] }];

const refuse = (group, message) => ({
  'no-restricted-imports': [
    'error',
    { patterns: [].concat(group).map((entry) => (entry.message ? entry : { group: [entry], message })) },
  ],
});

const layerRules = Object.entries(layers).map(([layer, below]) => {
  const above = Object.keys(layers).filter((other) => other !== layer && !below.includes(other));
  const patterns = above.map((other) => ({
    group: [`**/${other}/*`],
    message: `src/${layer} may not import src/${other}: it lies above or beside it. Move the shared part down.`,
  }));
  patterns.push({
    group: ['**/nodes/**', '**/doors/**', '**/index', '**/index.js', '@node-red/*', 'node-red'],
    message: 'The engine knows nothing of Node-RED and never imports its own index or doors.',
  });
  if (layer !== 'body') patterns.push({ group: ['busboy'], message: 'Only src/body/multipart.ts imports busboy.' });
  if (layer !== 'websocket') patterns.push({ group: ['ws'], message: 'Only src/websocket imports ws.' });
  return { files: [`src/${layer}/**/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
});

// Read in the browser: the editor's scripts, and the settings that both sides check.
const browserFiles = [
  'nodes/**/editor.ts',
  'nodes/lib/editor/**/*.ts',
  'nodes/**/config.ts',
  'nodes/http-server-credentials/entry.ts',
  'nodes/http-server-credentials/slots.ts',
  'nodes/lib/setting*.ts',
  'plugins/**/editor.ts',
  'plugins/**/editor/**/*.ts',
];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      '.cache/',
      '.node-red/',
      'coverage/',
      'test-output/',
      'test/fixtures/',
      'docs/api/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/unified-signatures': 'off',
      // Values of messages are unknown; turning them into text is the point.
      '@typescript-eslint/no-base-to-string': 'off',
      // Node hands sockets out as Duplex.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'no-control-regex': 'off',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'max-lines': ['error', 400], '@typescript-eslint/no-require-imports': ownRequire },
  },
  ...layerRules,
  {
    files: ['nodes/**/*.ts', 'plugins/**/*.ts'],
    ignores: [...browserFiles],
    ...{
      rules: {
        'max-lines': ['error', 400],
        '@typescript-eslint/no-require-imports': ownRequire,
        ...refuse([
          // One door for each thing a node does, instead of one index for all: a node loads what it does, no more.
          {
            group: ['**/src/*', '**/src/*/**', '!**/src/errors.js', '!**/src/doors', '!**/src/doors/**'],
            message: 'Nodes import the engine only through src/doors.',
          },
          { group: ['busboy', 'ws'], message: 'Nodes use the engine, not its libraries.' },
          {
            group: [
              '../http-server-*/*',
              '../route/*',
              '../auth/*',
              '../file-response/*',
              '../sse-out/*',
              '../websocket-*/*',
              '../rate-limit/*',
            ],
            message: 'A node imports its own folder, nodes/lib and src/doors only.',
          },
        ]),
      },
    },
  },
  {
    files: browserFiles,
    rules: {
      ...refuse([
        { group: ['node:*'], message: 'Editor code runs in a browser.' },
        {
          group: [
            '**/src/*.js',
            '!**/src/errors.js',
            '**/src/server/**',
            '**/src/exchange/**',
            '**/src/body/**',
            '**/src/file/**',
            '**/src/auth/**',
            '**/src/sse/**',
            '**/src/websocket/**',
          ],
          message: 'Editor code may import src/errors, src/routing and src/http only.',
        },
      ]),
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            {
              from: 'package',
              package: 'node:test',
              name: ['test', 'it', 'describe', 'suite', 'before', 'after', 'beforeEach', 'afterEach'],
            },
            { from: 'file', name: ['test', 'it', 'describe'] },
          ],
        },
      ],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-deprecated': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setImmediate: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        performance: 'readonly',
        require: 'readonly',
        module: 'writable',
        __dirname: 'readonly',
        document: 'readonly',
        window: 'readonly',
        EventSource: 'readonly',
        WebSocket: 'readonly',
        location: 'readonly',
        XMLHttpRequest: 'readonly',
        FormData: 'readonly',
      },
    },
    rules: { 'no-console': 'off' },
  },
);
