export { cacheLifetime } from './cache-lifetime.js';
export { ClientAddresses } from './client-addresses.js';
export { GuardedHttp, GuardedHttpError } from './guarded-http.js';
