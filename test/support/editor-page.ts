/** The built .html of a node, taken apart as the Flow Library and node-red-dev do it: statically. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { projectRoot } from './node-red.js';

/** The palette nodes and configuration nodes of this package. */
export const nodeNames: readonly string[] = readdirSync(join(projectRoot, 'nodes'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(projectRoot, 'nodes', entry.name, 'config.ts')))
  .map((entry) => entry.name);

/** A file of the built node. */
export function built(name: string, ...path: string[]): string {
  return readFileSync(join(projectRoot, 'dist', 'nodes', name, ...path), 'utf8');
}

/** The inline scripts and the markup of a built node. */
export function pageOf(name: string): { scripts: string[]; markup: string } {
  const html = built(name, `${name}.html`);
  const pattern = /<script\s+type="text\/javascript">([\s\S]*?)<\/script>/g;
  return { scripts: [...html.matchAll(pattern)].map((match) => match[1] ?? ''), markup: html.replace(pattern, '') };
}

/** Every node of a syntax tree that `is` takes. */
export function find<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (is(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** The syntax tree of a script. */
export function parseScript(script: string): ts.SourceFile {
  return ts.createSourceFile('editor.js', script, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
}

/** The calls of `RED.nodes.registerType` in a script. */
export function registrations(source: ts.SourceFile): ts.CallExpression[] {
  return find(source, ts.isCallExpression).filter((call) => call.expression.getText() === 'RED.nodes.registerType');
}

/** The value of a literal; throws for anything that would have to run. */
export function literal(node: ts.Expression): unknown {
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isArrayLiteralExpression(node)) return node.elements.map(literal);
  if (ts.isObjectLiteralExpression(node)) {
    return Object.fromEntries(Object.entries(properties(node)).map(([name, value]) => [name, literal(value)]));
  }
  throw new Error(`not a literal: ${node.getText()}`);
}

/** The properties of an object literal by name; throws for a spread and a computed name. Methods are left out. */
export function properties(object: ts.ObjectLiteralExpression): Record<string, ts.Expression> {
  const found: Record<string, ts.Expression> = {};
  for (const property of object.properties) {
    if (ts.isMethodDeclaration(property)) continue;
    if (!ts.isPropertyAssignment(property)) throw new Error(`not a plain property: ${property.getText()}`);
    if (!ts.isIdentifier(property.name) && !ts.isStringLiteral(property.name)) {
      throw new Error(`not a plain name: ${property.name.getText()}`);
    }
    found[property.name.text] = property.initializer;
  }
  return found;
}
