// What can be measured, by the name it is called with, in the order of the report. A work is loaded when it is wanted.
import { scriptWork } from './lib/script-work.mjs';

export const works = {
  get: () => import('./get.mjs'),
  post: () => import('./post.mjs'),
  guarded: () => import('./guarded.mjs'),
  rules: () => import('./rules.mjs'),
  files: () => import('./files.mjs'),
  cache: () => import('./cache.mjs'),
  sse: () => import('./sse.mjs'),
  websocket: () => import('./websocket.mjs'),
  upload: () => scriptWork('An upload of 100 MB to disk', 'upload.mjs'),
  start: () => import('./start.mjs'),
  idle: () => import('./idle.mjs'),
  latency: () => import('./latency.mjs'),
  connections: () => import('./connections.mjs'),
  bodies: () => import('./bodies.mjs'),
  pi: () => import('./pi.mjs'),
};
