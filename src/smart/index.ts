export { SmartModule } from './smart.module.js';
