/** Reader of a path pattern: the pattern language itself is the engine's. */
import { PatternError, compilePattern } from '../../src/routing/path-pattern.js';
import { SettingError, text } from './settings.js';

/** A path pattern as text, checked. Throws {@link SettingError} with the position, counted from 1, and the reason. */
export function patternText(value: unknown, appendSlash: boolean): string {
  const path = text(value);
  try {
    compilePattern(path, { appendSlash });
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new SettingError('pattern', { position: error.position + 1, reason: error.reason });
  }
  return path;
}
