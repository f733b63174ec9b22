/** The edit dialog of `route`. */
import { check } from '../lib/editor/check.js';
import { showDefaults } from '../lib/editor/form.js';
import { requestLabel } from '../lib/editor/method-menu.js';
import '../lib/editor/red.js';
import { ruleList } from '../lib/editor/rule-list.js';
import type { PlacedRule, RuleList } from '../lib/editor/rule-list.js';
import { ruleTester } from '../lib/editor/rule-tester.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readers } from './config.js';
import type { RouteProperties, RuleProperties } from './config.js';

let list: RuleList | null = null;

const field = (name: string): JQuery => $(`#node-input-${name}`);
const own = (name: string): JQuery => $(`#route-${name}`);

installStyle();

RED.nodes.registerType<RouteProperties>('route', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    rules: {
      value: [{ methods: ['GET'], path: '/device/<id>', appendSlash: false }],
      validate: check(readers.rules, 'route.label.rules'),
    },
    otherwise: { value: 'files' },
    outputs: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  icon: 'route.svg',
  paletteLabel() {
    return this._('route.label.palette');
  },
  outputLabels(index) {
    const rule = this.rules?.[index];
    return rule === undefined ? this._('route.label.output') : ruleLabel(rule);
  },
  label() {
    const { name, rules = [] } = this;
    const [only] = rules;
    if (name) return name;
    return rules.length === 1 && only !== undefined
      ? ruleLabel(only)
      : this._('route.label.canvas', { count: rules.length });
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    showDefaults(this, DEFAULTS, 'node-input');
    const count = (this.rules ?? []).length;
    const hadOutput = this.otherwise === 'output';
    const rules = (this.rules ?? []).map((rule) => ({
      methods: rule.methods ?? ['GET'],
      path: rule.path,
      appendSlash: rule.appendSlash === true,
    }));
    const tester = ruleTester(
      { method: own('test-method'), url: own('test-url'), result: own('test-result') },
      () => ({ rules: list?.rules() ?? [], otherwise: String(field('otherwise').val()) }),
      (taken) => list?.showTaken(taken),
      (key, values) => this._(key, values),
    );
    const refresh = (): void => {
      if (list === null) return;
      const toOutput = field('otherwise').val() === 'output';
      field('outputs').val(JSON.stringify(outputMap(list.rules(), count, hadOutput, toOutput)));
      tester();
    };
    list = ruleList(own('rules'), rules, () => {
      refresh();
    });
    field('otherwise').on('change', () => {
      own('about').text(this._(`route.about.${String(field('otherwise').val())}`));
      refresh();
    });
    field('otherwise').trigger('change');
  },
  oneditsave() {
    if (list === null) return;
    const saved = JSON.stringify(this.rules ?? []);
    const rules = list
      .rules()
      .map(({ methods, path, appendSlash }): RuleProperties => ({ methods: [...methods], path, appendSlash }));
    // A rule that left something out means the same when it is spelled out: no reason to call the node changed.
    const spelled = (this.rules ?? []).map((rule) => ({
      methods: rule.methods ?? ['GET'],
      path: rule.path,
      appendSlash: rule.appendSlash === true,
    }));
    if (JSON.stringify(rules) !== saved && JSON.stringify(rules) !== JSON.stringify(spelled)) this.rules = rules;
    list = null;
  },
  oneditcancel() {
    list = null;
  },
  oneditresize(size) {
    const others = own('row-rules').siblings().toArray();
    const used = others.reduce(
      (sum, other) => sum + ($(other).is(':visible') ? ($(other).outerHeight(true) ?? 0) : 0),
      0,
    );
    own('rules').editableList('height', Math.max(size.height - used - HEIGHT_AROUND_LIST, MIN_LIST_HEIGHT));
  },
});

/** Label, add button and margins around the list; and the least height that still shows two rules. */
const HEIGHT_AROUND_LIST = 80;
const MIN_LIST_HEIGHT = 150;

function ruleLabel({ methods, path }: RuleProperties): string {
  return requestLabel(methods ?? ['GET'], path);
}

/**
 * Where each old output went, so that wires follow their rule: Node-RED takes `{old: new}`, -1 for one that is gone, and
 * any other name for a new one.
 */
function outputMap(
  rules: readonly PlacedRule[],
  oldCount: number,
  hadOutput: boolean,
  toOutput: boolean,
): Record<string, number> {
  const map: Record<string, number> = {};
  for (let output = 0; output < oldCount + (hadOutput ? 1 : 0); output += 1) map[String(output)] = -1;
  for (const [index, rule] of rules.entries()) map[rule.output < 0 ? `new${index}` : String(rule.output)] = index;
  if (toOutput) map[hadOutput ? String(oldCount) : 'otherwise'] = rules.length;
  return map;
}
