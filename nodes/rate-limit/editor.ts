/** The edit dialog of `rate-limit`. */
import { check, complaint, validator } from '../lib/editor/check.js';
import { outputsBy, showDefaults, showWhile } from '../lib/editor/form.js';
import '../lib/editor/red.js';
import { installStyle } from '../lib/editor/style.js';
import { DEFAULTS, readConfig, readers } from './config.js';
import type { RateLimitProperties } from './config.js';

const field = (name: string): JQuery => $(`#node-input-${name}`);

installStyle();

RED.nodes.registerType<RateLimitProperties>('rate-limit', {
  category: 'http server',
  color: '#6FC3BD',
  defaults: {
    name: { value: '' },
    limit: { value: 60, validate: check(readers.limit, 'rate-limit.label.limit') },
    window: { value: 60, validate: check(readers.window, 'rate-limit.label.window') },
    by: { value: 'ip' },
    key: {
      value: '',
      validate: validator(checkKeyWithBy),
    },
    onReject: { value: '429' },
    outputs: { value: 1 },
  },
  inputs: 1,
  outputs: 1,
  icon: 'rate-limit.svg',
  paletteLabel() {
    return this._('rate-limit.label.palette');
  },
  outputLabels(index) {
    return this._(index === 0 ? 'rate-limit.label.output' : 'rate-limit.label.rejected');
  },
  label() {
    const { name, limit = DEFAULTS.limit, window = DEFAULTS.window } = this;
    return name || this._('rate-limit.label.canvas', { limit, window });
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    showDefaults(this, DEFAULTS, 'node-input');
    const by = field('by');
    showWhile(by, $('#rate-limit-row-key'), () => by.val() === 'header' || by.val() === 'msg');
    const refresh = (): void => {
      const isHeader = by.val() === 'header';
      $('#rate-limit-key-label').text(this._(isHeader ? 'rate-limit.label.keyHeader' : 'rate-limit.label.keyMsg'));
      field('key')
        .attr('placeholder', isHeader ? 'X-Api-Key' : 'req.params.id')
        .trigger('keyup');
    };
    by.on('change', refresh);
    refresh();
  },
  oneditsave() {
    outputsBy('onReject', 1);
  },
});

/** Whether the key fits what is counted by: as the open dialog has it, else as it is saved. */
function checkKeyWithBy(node: unknown, key: unknown): true | string {
  const open = field('by');
  const by = open.length > 0 ? open.val() : (node as RateLimitProperties).by;
  const flaw = readConfig({ by, key }).errors?.find((error) => error.property === 'key')?.flaw;
  return flaw === undefined ? true : complaint(node, 'rate-limit.label.key', flaw);
}
