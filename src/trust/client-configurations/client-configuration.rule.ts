import { FieldErrors } from '../../platform/errors/index.js';
import { isPlainText } from '../store/names.rule.js';

interface Fields {
  readonly applicationName: string;
  readonly clientName: string;
  readonly description: string;
  readonly clientType: string;
}

/** @throws FirekeepError 400 `TRUST_CLIENT_INVALID` with one issue a field. */
export function checkClientConfiguration(fields: Fields): void {
  const { applicationName, clientName, description, clientType } = fields;
  const errors = new FieldErrors();
  errors.when(
    applicationName === '' ||
      applicationName.trim() !== applicationName ||
      !isPlainText(applicationName, 128),
    'applicationName',
    'Use 1 to 128 characters, without spaces at the ends.',
  );
  errors.when(clientName === '' || !isPlainText(clientName, 200), 'clientName', 'Use 1 to 200 characters.');
  errors.when(!isPlainText(description, 1000), 'description', 'Use at most 1000 characters, on one line.');
  errors.when(clientType !== 'resource_server', 'clientType', 'Use resource_server.');
  errors.throwIfAny('TRUST_CLIENT_INVALID');
}
