import { defineExtension } from 'firekeep';
import { visitMigrations } from './visits.migrations.js';

/**
 * What the clinic's extension is called, which versions of Firekeep it is made for, and what it brings: settings
 * (`FIREKEEP_X_CLINIC_WARD`) and tables (`x_clinic_…`).
 */
export const clinic = defineExtension({
  name: 'clinic',
  compatibility: '>=0.1 <0.2',
  settings: {
    ward: { type: 'text', default: 'outpatients', description: 'Ward of users who have none of their own.' },
    visitRetention: {
      type: 'duration',
      default: 365 * 86_400,
      description: 'How long visits are kept that are over.',
    },
    closedTo: {
      type: 'list',
      default: [],
      description: 'Usernames and client ids that the clinic lets in no longer.',
    },
    alarmLimit: {
      type: 'integer',
      default: 3,
      minimum: 1,
      description: 'Refused sign-ins of a user that are an alarm.',
    },
    pagerKey: {
      type: 'text',
      secret: true,
      description: 'Key of the pager; absent: alarms are logged only.',
    },
  },
  migrations: visitMigrations,
});
