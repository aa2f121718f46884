import { FirekeepError } from '../errors/index.js';

/** What is wrong with a value; the reader puts the setting's name in front. */
export function invalidSetting(problem: string): FirekeepError {
  return new FirekeepError('invalid', 'CONFIG_INVALID_VALUE', problem);
}
