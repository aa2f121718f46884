import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinitions } from '../definitions/index.js';
import { compileValidator } from './index.js';

const validate = compileValidator(loadDefinitions());
const data = join(__dirname, '../../../../shared/data');

const filesOf = (folder: string) =>
  existsSync(join(data, folder))
    ? readdirSync(join(data, folder))
        .filter((file) => /^[^.].*\.json$/.test(file))
        .map((file) => join(data, folder, file))
    : [];

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, '')) as object;

const errorsOf = (file: string) =>
  validate(read(file), { mode: 'full' })
    .filter(({ severity }) => severity === 'error')
    .map(({ expression, message }) => `${expression}: ${message}`);

describe('real data, where it is', () => {
  it('the examples of the specification have the two mistakes that are known', () => {
    const files = filesOf('fhir-r4-examples');
    const found = files.flatMap(errorsOf);
    expect(found).toEqual(
      files.length === 0
        ? []
        : [
            'ActivityDefinition.text.div: The narrative must have some text or an image besides white space (rule txt-2).',
            'MedicationRequest.dispenseRequest.performer: A reference to Practitioner is not allowed here, only to Organization.',
          ],
    );
  });

  it.each([['synthea/transactions'], ['synthea/conditional']])('%s has no mistake', (folder) => {
    expect(filesOf(folder).flatMap((file) => validate(read(file), { mode: 'full' }))).toEqual([]);
  });
});
