/** Answers of any payload. */
export { joinAnswer, sendAnswer, type AnswerPlan } from '../exchange/response-answer.js';
