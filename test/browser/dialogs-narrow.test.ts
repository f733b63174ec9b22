/** Every dialog and every tab of it on a screen little wider than the 500 pixels that Node-RED gives a dialog at least. */
import { tourDialogs } from '../support/dialog-tour.js';

tourDialogs({ name: 'narrow', viewport: { width: 560, height: 800 }, axe: false });
