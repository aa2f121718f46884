import { Module } from '@nestjs/common';
import { GateChecks } from './gate-checks.js';

@Module({ providers: [GateChecks], exports: [GateChecks] })
export class GateChecksModule {}
