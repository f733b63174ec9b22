import type { FlowMessage, FlowNode, RuntimeApi } from './typings.js';
import type { TypedValue } from './settings.js';

/** Looks a typed property up for one message. */
export type Lookup = (message: FlowMessage) => unknown;

/**
 * How a typed property is looked up: `str` at once (empty means "not set": undefined), the others for each message.
 * @throws Error for a JSONata expression that cannot be compiled
 */
export function lookupOf(RED: RuntimeApi, node: FlowNode, { type, value }: TypedValue): Lookup {
  if (type === 'str') return () => (value === '' ? undefined : value);
  if (type === 'jsonata') {
    const expression = RED.util.prepareJSONataExpression(value, node);
    return (message) =>
      new Promise((resolve, reject) => {
        RED.util.evaluateJSONataExpression(expression, message, (error: Error | null, result: unknown) => {
          if (error) reject(error);
          else resolve(result);
        });
      });
  }
  return (message) =>
    new Promise((resolve, reject) => {
      RED.util.evaluateNodeProperty(value, type, node, message, (error: Error | null, result: unknown) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
}
