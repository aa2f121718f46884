export { createApplication, createContext } from './create-application.js';
export type { Extensions } from './extensions.js';
