// What can be measured, by the name it is called with. A work is loaded when it is wanted.
export const works = {
  get: () => import('./get.mjs'),
  post: () => import('./post.mjs'),
  websocket: () => import('./websocket.mjs'),
};
