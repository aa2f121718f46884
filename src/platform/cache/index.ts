export { ExpiringCache } from './expiring-cache.js';
export { SharedWork } from './shared-work.js';
