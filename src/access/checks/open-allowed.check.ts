import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import type { Check, CheckFailure } from './check.js';

/** An endpoint in mode `open` answers only where the operator allowed it for the whole process. */
@Injectable()
export class OpenAllowedCheck implements Check {
  readonly name = 'open-allowed';

  constructor(private readonly settings: Settings) {}

  run(): CheckFailure | undefined {
    if (this.settings.get('allowOpen')) return undefined;
    return {
      category: 'forbidden',
      error: null,
      message: 'This endpoint is not open.',
      expected: 'FIREKEEP_ALLOW_OPEN=true',
      actual: 'FIREKEEP_ALLOW_OPEN=false',
      remedy:
        'Give the endpoint another check mode, or start with FIREKEEP_ALLOW_OPEN=true on a closed network.',
      setting: 'FIREKEEP_ALLOW_OPEN',
    };
  }
}
