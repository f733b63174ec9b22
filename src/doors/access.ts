/** Who may come in, and how often. */
export { Access, type AccessCheck, type AccessEntry, type AccessResult } from '../auth/access.js';
export type { AuthRequest, Principal } from '../auth/authenticator.js';
export { Lockout } from '../auth/lockout.js';
export { networkOf } from '../auth/network-of.js';
export { RateLimiter, rateLimitHeaders } from '../auth/rate-limiter.js';
export { reject } from '../exchange/reject.js';
export { admitRequest } from '../server/admit-request.js';
export { defaultSettings } from '../server/settings.js';
