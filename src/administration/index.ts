export { AdministrationModule } from './administration.module.js';
export { BootstrapService } from './bootstrap/bootstrap.service.js';
