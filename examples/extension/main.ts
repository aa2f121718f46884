import 'reflect-metadata';
import { startFirekeep } from 'firekeep';
import { ClinicModule } from './clinic.module.js';

await startFirekeep({ modules: [ClinicModule] });
