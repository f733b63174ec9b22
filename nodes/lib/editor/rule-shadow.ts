/** Finds rules that an earlier rule of the same path hides. Pure. */

import { PatternError, compilePattern } from '../../../src/routing/path-pattern.js';

/** What of a rule decides which requests it takes. */
export interface ShadowRule {
  readonly methods: readonly string[];
  readonly path: string;
  readonly appendSlash: boolean;
}

/** The earlier rule `by` (its index) takes these methods of a rule; `whole` when nothing is left. */
export interface Shadow {
  readonly by: number;
  readonly methods: readonly string[];
  readonly whole: boolean;
}

/** The shadow on the rule at the index, or null: same path, whatever its parameters are called, and methods in common. */
export function findShadow(rules: readonly ShadowRule[], index: number): Shadow | null {
  const rule = rules[index];
  const shape = rule === undefined ? null : pathShape(rule.path);
  if (rule === undefined || shape === null) return null;
  for (const [by, earlier] of rules.slice(0, index).entries()) {
    if (pathShape(earlier.path) !== shape) continue;
    const taken = takenMethods(earlier.methods, rule.methods);
    if (taken === null) continue;
    const sameSlash = earlier.appendSlash || !rule.appendSlash;
    const whole = sameSlash && rule.methods.every((method) => taken.includes(method)) && covers(earlier, rule);
    return { by, methods: taken, whole };
  }
  return null;
}

/** The path with its parameters unnamed: `/a/<x>`, `/a/:y` and `/a/...` take the same requests. Null for a bad pattern. */
function pathShape(path: string): string | null {
  try {
    return compilePattern(path).canonical.replace(/\/\/\.\.\.(?!\.)/g, '//<>');
  } catch (error) {
    if (error instanceof PatternError) return null;
    throw error;
  }
}

function covers(earlier: ShadowRule, later: ShadowRule): boolean {
  return earlier.methods.length === 0 || later.methods.length > 0;
}

/** The methods of the later rule that the earlier takes; [] when both take any; null when none. */
function takenMethods(earlier: readonly string[], later: readonly string[]): readonly string[] | null {
  if (earlier.length === 0) return later;
  if (later.length === 0) return earlier;
  // HEAD and a WebSocket upgrade are served by a rule for GET.
  const taken = later.filter(
    (method) => earlier.includes(method) || ((method === 'HEAD' || method === 'WEBSOCKET') && earlier.includes('GET')),
  );
  return taken.length === 0 ? null : taken;
}
