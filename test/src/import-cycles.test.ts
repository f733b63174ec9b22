import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';

const root = resolve(__dirname, '..', '..', '..');

/** Which layers of src a layer may import, besides itself, errors, lazily and logger. */
const layers: Record<string, readonly string[]> = {
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

interface Import {
  readonly target: string;
  readonly isType: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022);
  return source.statements.flatMap((statement): Import[] => {
    if (!(ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) || !statement.moduleSpecifier)
      return [];
    const name = (statement.moduleSpecifier as ts.StringLiteral).text;
    if (!name.startsWith('.')) return [];
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    const named = clause?.namedBindings;
    const isType =
      (ts.isExportDeclaration(statement) && statement.isTypeOnly) ||
      clause?.phaseModifier === ts.SyntaxKind.TypeKeyword ||
      (!clause?.name &&
        named !== undefined &&
        ts.isNamedImports(named) &&
        named.elements.every((element) => element.isTypeOnly));
    return [{ target: join(dirname(file), name).replace(/\.js$/, '.ts'), isType }];
  });
}

const files = [...sources(join(root, 'src')), ...sources(join(root, 'nodes'))];
const graph = new Map(files.map((file) => [file, importsOf(file)]));
const shown = (file: string): string => relative(root, file);

describe('the structure', () => {
  it('has no import cycle at run time', () => {
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (done.has(file)) return;
      const start = path.indexOf(file);
      assert.equal(start, -1, `import cycle: ${[...path.slice(start), file].map(shown).join(' → ')}`);
      for (const { target, isType } of graph.get(file) ?? []) if (!isType) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it('imports downwards only', () => {
    for (const [file, imports] of graph) {
      const layer = /^src\/(\w+)\//.exec(shown(file))?.[1];
      // The doors lie above all of it.
      if (layer === undefined || layer === 'doors') continue;
      for (const { target } of imports) {
        const other = /^src\/(\w+)\//.exec(shown(target))?.[1];
        if (other === undefined) assert.match(shown(target), /^src\/(errors|lazily|logger)\.ts$/, shown(file));
        else assert.ok(other === layer || layers[layer]?.includes(other), `${shown(file)} imports ${shown(target)}`);
      }
    }
  });

  it('lets nodes import the engine through its doors only', () => {
    for (const [file, imports] of graph) {
      if (!shown(file).startsWith('nodes/')) continue;
      for (const { target } of imports) {
        const path = shown(target);
        if (!path.startsWith('src/')) continue;
        assert.ok(
          path === 'src/errors.ts' || /^src\/(doors|routing|http)\//.test(path),
          `${shown(file)} imports ${path}`,
        );
      }
    }
  });

  it('keeps files small enough to read', () => {
    const lengths = files
      .map((file) => [readFileSync(file, 'utf8').split('\n').length, shown(file)] as const)
      .sort((a, b) => b[0] - a[0]);
    assert.ok((lengths[0]?.[0] ?? 0) <= 400, `${lengths[0]?.[1] ?? ''} has ${lengths[0]?.[0] ?? 0} lines`);
    assert.ok((lengths[Math.floor(lengths.length / 2)]?.[0] ?? 0) <= 120);
  });
});
