export { DocumentationModule } from './documentation.module.js';
export { setUpDocumentation } from './set-up-documentation.js';
