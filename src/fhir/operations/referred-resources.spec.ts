import { loadDefinitions } from '../definitions/index.js';
import { referredIn } from './referred-resources.js';

const bases = ['https://fhir.example.org/r4'];
const namesIn = (resource: object): readonly string[] =>
  referredIn(Buffer.from(JSON.stringify(resource)), loadDefinitions(), bases).map(
    ({ type, id }) => `${type}/${id}`,
  );

describe('what a resource refers to', () => {
  it('is of this repository, each once, however it is written and wherever it stands', () => {
    expect(
      namesIn({
        subject: { reference: 'Patient/1' },
        performer: [
          { reference: 'https://fhir.example.org/r4/Practitioner/2' },
          { reference: 'Patient/1/_history/3' },
        ],
        contained: [{ extension: [{ url: 'x', valueReference: { reference: 'Organization/3' } }] }],
      }),
    ).toEqual(['Patient/1', 'Practitioner/2', 'Organization/3']);
  });

  it('is no resource elsewhere, contained or of no type', () => {
    expect(
      namesIn({
        a: { reference: 'https://else.example.org/Patient/1' },
        b: { reference: '#inside' },
        c: { reference: 'urn:uuid:0' },
        d: { reference: 'Nonsense/1' },
      }),
    ).toEqual([]);
  });

  it('is no text that looks like a reference', () => {
    expect(
      namesIn({ text: { div: '<div>"reference":"Patient/1"</div>' }, note: '\\"reference":"Patient/2"' }),
    ).toEqual([]);
  });

  it('is a Binary that an attachment names, and nothing else by URL', () => {
    expect(
      namesIn({
        content: [
          { attachment: { url: 'Binary/1' } },
          { attachment: { url: 'https://fhir.example.org/r4/Binary/2' } },
        ],
        extension: [{ url: 'https://else.example.org/Binary/3' }, { url: 'Patient/4' }],
      }),
    ).toEqual(['Binary/1', 'Binary/2']);
  });
});
