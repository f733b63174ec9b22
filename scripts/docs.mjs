// Writes docs/engine.md, the reference of the engine, from the doc comments of its public names (by typedoc).
// Usage, after a build: node scripts/docs.mjs [--check]: with it nothing is written, and another text is an error.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}docs/engine.md`;
const app = await Application.bootstrap({
  entryPoints: [`${root}src/engine.ts`],
  tsconfig: `${root}src/tsconfig.json`,
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  disableSources: true,
  readme: 'none',
  logLevel: 'Error',
});
const project = await app.convert();
if (!project) process.exit(1);

const sections = [
  [ReflectionKind.Class, 'Classes'],
  [ReflectionKind.Function, 'Functions'],
  [ReflectionKind.Variable, 'Constants'],
  [ReflectionKind.Interface | ReflectionKind.TypeAlias, 'Types'],
];
const lines = [
  '# The engine',
  '',
  "Every public name of `require('@flow-http/node-red-http-server/engine')`, written by `npm run docs` from the comments in",
  'the sources. What the names in brackets such as (API row SV2) mean says [api-parity.md](api-parity.md).',
  '',
  ...guide(
    ['a server', 'Server', 'ServerOptions', 'Route', 'asRoute', 'Handler'],
    ['what a handler gets', 'Request', 'QueryParams', 'FormData', 'Files', 'File', 'Headers'],
    ['what it returns', 'Response', 'JSONResponse', 'FileResponse', 'ChunkedResponse', 'Redirect', 'Status'],
    ['live connections', 'SSEResponse', 'Websocket'],
    ['who may come in', 'Basic', 'Token', 'Bearer', 'Jwt', 'Htpasswd', 'requireAuthentication'],
    ['errors', 'HttpError', 'isException', 'Error codes'],
  ),
];

for (const [kind, title] of sections) {
  const members = project.children.filter((one) => one.kind & kind).sort((a, b) => a.name.localeCompare(b.name, 'en'));
  lines.push('', `## ${title}`);
  if (kind === ReflectionKind.Variable) {
    lines.push('', ...members.map((one) => item(`${one.name}: ${oneLine(one.type)}`, one.comment)));
    continue;
  }
  for (const one of members) {
    lines.push('', `### ${one.name}`);
    if (one.signatures) {
      for (const signature of one.signatures) describe(signature);
      continue;
    }
    add(textOf(one.comment));
    if (one.type) add(`\`${one.name} = ${oneLine(one.type)}\``);
    const list = [];
    for (const child of one.children ?? []) {
      if (child.inheritedFrom || child.flags.isExternal || child.name.startsWith('[')) continue;
      const { getSignature: get, setSignature: set } = child;
      const readonly = child.flags.isReadonly || (get && !set) ? 'readonly ' : '';
      if (child.signatures)
        for (const signature of child.signatures) list.push(item(call(signature, child), signature.comment));
      else
        list.push(
          item(
            `${readonly}${child.name}${child.flags.isOptional ? '?' : ''}: ${oneLine(get?.type ?? child.type)}`,
            get?.comment ?? child.comment,
          ),
        );
    }
    add(list.join('\n'));
  }
}

const { errorTable } = createRequire(import.meta.url)('../dist/src/errors.js');
lines.push(
  '',
  '## Error codes',
  '',
  '`error.code` of an `HttpError`: it is stable, and what a Catch node sees of it, too. The texts may be reworded.',
  '',
);
lines.push('| code | status | text |', '| --- | --- | --- |');
for (const [code, { status, message }] of Object.entries(errorTable))
  lines.push(`| \`${code}\` | ${status} | ${message} |`);

const { format, resolveConfig } = await import('prettier');
const options = { ...(await resolveConfig(target)), parser: 'markdown' };
const text = await format(`${lines.join('\n')}\n`, options);
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  console.error('docs/engine.md does not say what the sources say: npm run docs');
  process.exit(1);
}

/** A list of links: a subject and its names in each row. */
function guide(...rows) {
  const link = (name) => `[${name}](#${name.toLowerCase().replace(/ /g, '-')})`;
  return rows.map(([subject, ...names]) => `- ${subject}: ${names.map(link).join(', ')}`);
}

function add(text) {
  if (text) lines.push('', text);
}

function describe(signature) {
  add(`\`${call(signature)}\``);
  add(textOf(signature.comment));
}

function item(code, comment) {
  const text = textOf(comment).replace(/\n+/g, ' ');
  return `- \`${code}\`${text ? ` · ${text}` : ''}`;
}

function call(signature, parent) {
  const parameters = (signature.parameters ?? []).map(
    ({ name, type, flags, defaultValue }) =>
      `${flags.isRest ? '...' : ''}${name === '__namedParameters' ? 'options' : name}${flags.isOptional || defaultValue ? '?' : ''}: ${oneLine(type)}`,
  );
  const isNew = parent?.kind === ReflectionKind.Constructor;
  const name = isNew ? `new ${signature.type}` : `${parent?.flags.isStatic ? 'static ' : ''}${signature.name}`;
  return `${name}(${parameters.join(', ')})${isNew ? '' : `: ${oneLine(signature.type)}`}`;
}

function oneLine(type) {
  const text = String(type)
    .replace(/\s+/g, ' ')
    .replace(/, any, any>/g, '>')
    .replace(/"BAD_REQUEST"( \| "\w+")+/, 'ErrorCode');
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

/** The summary and the tags that say more than the signature does. */
function textOf(comment) {
  if (!comment) return '';
  const parts = [plain(comment.summary)];
  for (const { tag, name, content } of comment.blockTags)
    if (tag === '@throws') parts.push(`Throws ${plain(content)}`);
    else if (tag === '@returns') parts.push(`Returns ${plain(content)}`);
    else if (tag === '@param') parts.push(`\`${name}\`: ${plain(content)}`);
  return parts.filter(Boolean).join('\n\n');
}

function plain(content) {
  return content
    .map(({ kind, text }) => (kind === 'inline-tag' ? `\`${text}\`` : text))
    .join('')
    .trim();
}
