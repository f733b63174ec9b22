/** Every dialog and every tab of it in German: longer words, no raw key. */
import { tourDialogs } from '../support/dialog-tour.js';

tourDialogs({ name: 'german', language: 'de', axe: false });
