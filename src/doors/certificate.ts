/** What is known of a certificate before a server uses it. */
export { expiryOf } from '../server/secure-options.js';
