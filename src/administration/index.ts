export { AdministrationModule } from './administration.module.js';
export { BootstrapService } from './bootstrap/bootstrap.service.js';
export { AdministrationEvents } from './http/administration-events.js';
