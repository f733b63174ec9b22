/** Every dialog and every tab of it in the dark theme of Node-RED 5.0, looked at by axe, too; 4.1 has no dark theme. */
import { tourDialogs } from '../support/dialog-tour.js';
import { testedVersion } from '../support/node-red.js';

if (testedVersion === '5.0') tourDialogs({ name: 'dark', dark: true, axe: true });
