export { prepare } from './prepare.js';
export { runServer } from './server.js';
