/** The rule tester of the `route` dialog: type a method and an address, see which rule takes it and the parameters. */
import { isHttpError } from '../../../src/errors.js';
import { RouteTable, RuleError } from '../../../src/routing/route-table.js';
import type { RouteMatch } from '../../../src/routing/route-table.js';
import type { EditedRule } from './rule-list.js';
import './red.js';

/** The fields of the tester. */
export interface TesterFields {
  readonly method: JQuery;
  readonly url: JQuery;
  readonly result: JQuery;
}

/** The rules as the dialog has them, and what happens to the rest. */
export interface Tested {
  readonly rules: readonly EditedRule[];
  readonly otherwise: string;
}

/** Says a text of the `route` catalog. */
export type Say = (key: string, values?: Readonly<Record<string, unknown>>) => string;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'WEBSOCKET'] as const;

/** Makes the tester work; the function it returns tries again, after a change of the rules. */
export function ruleTester(
  { method, url, result }: TesterFields,
  tested: () => Tested,
  showTaken: (index: number) => void,
  say: Say,
): () => void {
  for (const name of METHODS) $('<option>').val(name).text(name).appendTo(method);
  const refresh = (): void => {
    const { rules, otherwise } = tested();
    const target = String(url.val()).trim();
    const outcome = target === '' ? null : tryRules(rules, String(method.val()), target);
    showTaken(
      outcome !== null && outcome !== 'bad' && outcome !== 'slash' && outcome.kind === 'match' ? outcome.value : -1,
    );
    result.empty();
    if (outcome !== null) result.append(describe(outcome, { rules, otherwise }, String(method.val()), say));
  };
  method.on('change', refresh);
  url.on('input change', refresh);
  return refresh;
}

type Outcome = RouteMatch<number> | 'bad' | 'slash';

/**
 * What the runtime does with a request. Rules that are not valid yet are left out, as if they were not there.
 * A whole address may be pasted: origin and query are cut off.
 */
export function tryRules(rules: readonly EditedRule[], method: string, target: string): Outcome {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/, '') || '/';
  if (!path.startsWith('/')) return 'slash';
  const upgrade = method === 'WEBSOCKET';
  try {
    return validTable(rules).match(upgrade ? 'GET' : method, path, { upgrade });
  } catch (error) {
    if (isHttpError(error)) return 'bad';
    throw error;
  }
}

function validTable(rules: readonly EditedRule[]): RouteTable<number> {
  const usable = rules.map((rule, value) => ({ ...rule, value }));
  for (;;) {
    try {
      return new RouteTable(usable);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      usable.splice(error.index, 1);
    }
  }
}

function describe(outcome: Outcome, { rules, otherwise }: Tested, method: string, say: Say): JQuery {
  const line = $('<span>');
  if (outcome === 'bad' || outcome === 'slash') return line.text(say(`route.test.${outcome}`));
  if (outcome.kind === 'match') {
    const number = outcome.value + 1;
    line.text(`${say('route.test.taken', { number })} `);
    for (const [name, value] of Object.entries(outcome.params)) {
      line.append($('<code>').text(say('route.test.params', { name, value })), ' ');
    }
    return line;
  }
  if (otherwise === 'output') return line.text(say('route.test.output', { number: rules.length + 1 }));
  if (outcome.kind === 'method' && !(otherwise === 'files' && (method === 'GET' || method === 'HEAD'))) {
    const methods = outcome.allow.join(', ');
    return line.text(say(method === 'OPTIONS' ? 'route.test.options' : 'route.test.method', { methods }));
  }
  if (outcome.kind === 'method')
    return line.text(say('route.test.filesThenMethod', { methods: outcome.allow.join(', ') }));
  const served = otherwise === 'files' && (method === 'GET' || method === 'HEAD');
  return line.text(say(served ? 'route.test.files' : 'route.test.404'));
}
