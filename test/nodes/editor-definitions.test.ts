/** What the editor loads of each node, as shipped: readable statically, equal to config.ts, every text in the catalog. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import ts from 'typescript';
import { reasons } from '../../nodes/lib/setting-reason.js';
import {
  built,
  find,
  literal,
  nodeNames,
  pageOf,
  parseScript,
  properties,
  registrations,
} from '../support/editor-page.js';
import { projectRoot } from '../support/node-red.js';

const load = createRequire(__filename);

interface Config {
  readonly DEFAULTS: Record<string, unknown>;
  readonly readers: Record<string, unknown>;
}

function configOf(name: string): Config {
  return load(join(projectRoot, 'dist', 'nodes', name, 'config.js')) as Config;
}

function definitionOf(name: string): Record<string, ts.Expression> {
  const { scripts } = pageOf(name);
  assert.equal(scripts.length, 1, 'one inline script of type text/javascript');
  const [call, ...more] = registrations(parseScript(scripts[0] ?? ''));
  assert.equal(more.length, 0, 'one registerType');
  const [type, definition] = call?.arguments ?? [];
  assert.ok(type && ts.isStringLiteral(type), 'the type is a string literal');
  assert.equal(type.text, name);
  assert.ok(definition && ts.isObjectLiteralExpression(definition), 'the definition is an inline object');
  return properties(definition);
}

type Catalog = { [key: string]: Catalog | string };

function keysOf(catalog: Catalog, prefix = ''): string[] {
  return Object.entries(catalog).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : keysOf(value, `${prefix}${key}.`),
  );
}

function catalogOf(name: string): string[] {
  return keysOf(JSON.parse(built(name, 'locales', 'en-US', `${name}.json`)) as Catalog);
}

/** Keys of a catalog that a page uses: whole ones, and the beginnings of those it puts together. */
function usedKeys(name: string): {
  whole: Set<string>;
  beginnings: string[];
  shared: Set<string>;
  sharedBeginnings: string[];
} {
  const { scripts, markup } = pageOf(name);
  const whole = new Set<string>();
  const beginnings: string[] = [];
  const shared = new Set<string>();
  const sharedBeginnings: string[] = [];
  for (const [, keys = ''] of markup.matchAll(/data-(?:i18n|caption)="([^"]+)"/g)) {
    for (const key of keys.split(';')) whole.add(key.replace(/^\[[^\]]+\]/, ''));
  }
  const source = parseScript(scripts[0] ?? '');
  for (const { text } of find(source, ts.isStringLiteral)) {
    if (text.startsWith(`${name}.`) && !text.endsWith('.svg')) whole.add(text);
  }
  for (const template of find(source, ts.isTemplateExpression)) {
    if (template.head.text.startsWith(`${name}.`) && template.head.text.length > name.length + 1)
      beginnings.push(template.head.text);
  }
  for (const call of find(source, ts.isCallExpression)) {
    const [key] = call.arguments;
    if (!key || !/^say(Row)?\d*$/.test(call.expression.getText())) continue;
    for (const one of branchesOf(key)) {
      if (ts.isStringLiteral(one) && !one.text.startsWith(`${name}.`)) shared.add(one.text);
      if (ts.isTemplateExpression(one)) sharedBeginnings.push(one.head.text);
    }
  }
  return { whole, beginnings, shared, sharedBeginnings };
}

function branchesOf(key: ts.Expression): ts.Expression[] {
  return ts.isConditionalExpression(key) ? [...branchesOf(key.whenTrue), ...branchesOf(key.whenFalse)] : [key];
}

const has = (catalog: readonly string[], key: string): boolean => catalog.includes(key);

for (const name of nodeNames) {
  describe(`the editor's part of ${name}`, () => {
    it('is registered with literals only, as the Flow Library and node-red-dev read it', () => {
      const definition = definitionOf(name);
      const category = literal(definition['category'] as ts.Expression);
      if (category === 'config') return;
      assert.equal(category, 'http server');
      for (const key of ['color', 'icon', 'inputs', 'outputs']) {
        assert.ok(definition[key], `${key} is given`);
        assert.doesNotThrow(() => literal(definition[key] as ts.Expression), key);
      }
      assert.equal(literal(definition['icon'] as ts.Expression), `${name}.svg`);
      assert.ok(existsSync(join(projectRoot, 'dist', 'nodes', name, 'icons', `${name}.svg`)), 'the icon is built');
    });

    it('has the defaults of config.ts as literals, property by property', () => {
      const defaults = definitionOf(name)['defaults'];
      assert.ok(defaults && ts.isObjectLiteralExpression(defaults));
      const values: Record<string, unknown> = {};
      for (const [property, definition] of Object.entries(properties(defaults))) {
        assert.ok(ts.isObjectLiteralExpression(definition), `${property} is an inline object`);
        values[property] = literal(properties(definition)['value'] as ts.Expression);
      }
      assert.deepEqual(values, configOf(name).DEFAULTS);
    });

    it('uses no text that its catalog does not have, and leaves none unused', () => {
      const catalog = catalogOf(name).filter((key) => key.startsWith(`${name}.`));
      const { whole, beginnings, shared, sharedBeginnings } = usedKeys(name);
      assert.deepEqual(
        [...whole].filter((key) => !has(catalog, key)),
        [],
        'missing',
      );
      // The rows of the credentials name their texts without the node's name.
      const rowKeys = [...shared].map((key) => `${name}.${key}`);
      const starts = [...beginnings, ...sharedBeginnings.map((key) => `${name}.${key}`)];
      const unused = catalog.filter(
        (key) => !whole.has(key) && !rowKeys.includes(key) && !starts.some((start) => key.startsWith(start)),
      );
      assert.deepEqual(unused, [], 'unused');
    });

    it('uses no shared text that the server catalog does not have', () => {
      const catalog = [...catalogOf('http-server-config'), ...catalogOf(name)];
      const { shared } = usedKeys(name);
      const missing = [...shared].filter((key) => !has(catalog, `shared.${key}`) && !has(catalog, `${name}.${key}`));
      assert.deepEqual(missing, []);
    });

    it('has a label for every field', () => {
      const { markup } = pageOf(name);
      const labelled = new Set([...markup.matchAll(/<label\s[^>]*for="([^"]+)"/g)].map((match) => match[1]));
      const ids = new Set([...markup.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]));
      for (const id of labelled) assert.ok(ids.has(id), `a label is for ${id ?? ''}, which is not there`);
      for (const [tag] of markup.matchAll(/<(?:input|select|textarea)\s[^>]*>/g)) {
        if (tag.includes('type="hidden"') || tag.includes('[aria-label]')) continue;
        const id = /\sid="([^"]+)"/.exec(tag)?.[1];
        assert.ok(id !== undefined && labelled.has(id), `no label for ${tag}`);
      }
    });

    it('has a field or a widget for every saved property', () => {
      const { markup, scripts } = pageOf(name);
      const page = markup + (scripts[0] ?? '');
      const { DEFAULTS } = configOf(name);
      for (const property of Object.keys(DEFAULTS)) {
        const field = new RegExp(
          `id="node-(?:config-)?input-${property}"|${name}-${property}"|own\\d*\\("${property}"\\)|this\\.${property} = `,
        );
        assert.match(page, field, property);
      }
    });

    it('has help in the style of the core nodes, whose first paragraph is one short sentence', () => {
      const help = built(name, 'locales', 'en-US', `${name}.html`);
      assert.match(help, new RegExp(`<script type="text/html" data-help-name="${name}">`));
      const first = /<p>([\s\S]*?)<\/p>/.exec(help)?.[1]?.replace(/\s+/g, ' ').trim() ?? '';
      assert.match(first, /^[A-Z].*\.$/);
      assert.ok(first.length <= 120, `${first.length} characters`);
      assert.match(help, /<h3>Details<\/h3>/);
    });

    it('has help that names every setting, by its label or its saved name', () => {
      const help = built(name, 'locales', 'en-US', `${name}.html`).replace(/\s+/g, ' ').toLowerCase();
      const catalog = JSON.parse(built(name, 'locales', 'en-US', `${name}.json`)) as Record<string, Catalog>;
      const labels = catalog[name]!['label'] as Record<string, string>;
      const untold = Object.keys(configOf(name).DEFAULTS).filter((property) => {
        if (/^(name|outputs|server)$|Type$/.test(property)) return false;
        const label = labels[property]?.replace(/<[^>]+>/g, '').toLowerCase();
        return !help.includes(property.toLowerCase()) && (label === undefined || !help.includes(label));
      });
      assert.deepEqual(untold, []);
    });

    it('uses only elements that the editor itself takes for granted, no scripts and no fixed colours in its help', () => {
      const help = built(name, 'locales', 'en-US', `${name}.html`);
      assert.doesNotMatch(help, /style=|color:|<script(?! type="text\/html")|on\w+="/);
    });
  });
}

describe('what all dialogs share', () => {
  const shared = (): Catalog =>
    (JSON.parse(built('http-server-config', 'locales', 'en-US', 'http-server-config.json')) as Catalog)[
      'shared'
    ] as Catalog;

  it('reasons read the same in the log and in the editor', () => {
    assert.deepEqual(shared()['reason'], reasons);
  });

  it('no shared text is unused', () => {
    const used = nodeNames.map(usedKeys);
    const unused = keysOf(shared()).filter(
      (key) =>
        !used.some(
          ({ shared, sharedBeginnings }) => shared.has(key) || sharedBeginnings.some((start) => key.startsWith(start)),
        ),
    );
    assert.deepEqual(unused, []);
  });

  it('colours come from the theme only', () => {
    const style = readFileSync(join(projectRoot, 'nodes', 'lib', 'editor', 'style.ts'), 'utf8');
    assert.doesNotMatch(style, /#[0-9a-f]{3,8}\b(?! *\{)|\brgba?\(|\bhsla?\(/i);
    for (const [, value = ''] of style.matchAll(/(?:^|[;{ ])(?:color|background|border-color): ([^;]+);/g)) {
      assert.match(value, /^var\(--red-ui-/, value);
    }
  });

  it('nodes have one icon each: white shapes in a 40 by 60 box', () => {
    const icons = readdirSync(join(projectRoot, 'icons'));
    assert.deepEqual(icons.sort(), nodeNames.map((name) => `${name}.svg`).sort());
    const drawings = new Set<string>();
    for (const icon of icons) {
      const svg = readFileSync(join(projectRoot, 'icons', icon), 'utf8');
      assert.match(svg, /viewBox="0 0 40 60" width="40" height="60"/, icon);
      for (const [, colour = ''] of svg.matchAll(/(?:fill|stroke)="([^"]+)"/g))
        assert.match(colour, /^(#fff|none)$/, icon);
      drawings.add(svg);
    }
    assert.equal(drawings.size, icons.length);
  });
});
