/** Every dialog and every tab of it in the light theme, looked at by axe, too. */
import { tourDialogs } from '../support/dialog-tour.js';

tourDialogs({ name: 'light', axe: true });
