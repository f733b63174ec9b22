/** How many rows have a secret of their own: credentials `secret1` to `secret32`. */
export const MAX_SLOTS = 32;
