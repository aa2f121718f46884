export { createApplication, createContext } from './create-application.js';
export type { Extensions } from './extensions.js';
export { configuredExtensions, startedExtensions } from './start-extensions.js';
