import { Module } from '@nestjs/common';
import { UsersModule } from '../../users/index.js';
import { RoleCriteria } from './role-criteria.js';

/** Joins roles to the FHIR repository of this process, which reads their criteria. */
@Module({ imports: [UsersModule], providers: [RoleCriteria] })
export class SmartRolesModule {}
