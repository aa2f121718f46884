import { Module } from '@nestjs/common';
import { RecurringJobs } from './recurring-jobs.js';

@Module({ providers: [RecurringJobs], exports: [RecurringJobs] })
export class RecurringJobsModule {}
