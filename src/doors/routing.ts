/** Rules, and what becomes of a request that none of them takes. */
export { applyRoutes } from '../exchange/apply-routes.js';
export { answerUnmatched } from '../exchange/unmatched.js';
export { RouteTable, RuleError, type RouteMatch } from '../routing/route-table.js';
