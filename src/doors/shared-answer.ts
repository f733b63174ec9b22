/** One answer that everybody gets who waits for it. */
export { SharedAnswer } from '../exchange/shared-answer.js';
