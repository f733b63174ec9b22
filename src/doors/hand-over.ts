/** Servers that outlive a redeploy. */
export { HandOver, handOver } from '../server/hand-over.js';
