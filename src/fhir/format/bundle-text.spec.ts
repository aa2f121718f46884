import { readBundleText } from './bundle-text.js';
import { BundleWriter } from './bundle-writer.js';

const read = (text: string) => readBundleText(Buffer.from(text), 3);

describe('a Bundle that comes in', () => {
  it('is taken apart into compact texts, whatever the order of its members', () => {
    const { type, entries } =
      read(`{ "entry" : [ { "request" : { "url" : "Patient", "method" : "POST", "x" : [] },
      "resource" : { "b" : 1.00, "resourceType" : "Patient" }, "fullUrl" : "urn:\\u0061", "search": {} }, {} ],
      "type" : "batch", "resourceType" : "Bundle" }`);
    expect(type).toBe('batch');
    expect(entries).toEqual([
      {
        fullUrl: 'urn:a',
        resource: Buffer.from('{"b":1.00,"resourceType":"Patient"}'),
        request: { url: 'Patient', method: 'POST' },
      },
      { fullUrl: undefined, resource: undefined, request: undefined },
    ]);
  });

  it.each([
    ['another resource', '{"resourceType":"Patient","type":"batch"}', 'resourceType'],
    ['no type', '{"resourceType":"Bundle"}', 'Bundle.type'],
    ['an entry that is none', '{"resourceType":"Bundle","type":"batch","entry":[1]}', 'Bundle.entry[0]'],
    ['entries that are no list', '{"resourceType":"Bundle","type":"batch","entry":{}}', 'Bundle.entry'],
    [
      'a resource that is none',
      '{"resourceType":"Bundle","type":"batch","entry":[{},{"resource":[]}]}',
      'Bundle.entry[1].resource',
    ],
    [
      'a url that is none',
      '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"url":1}}]}',
      'Bundle.entry[0].request.url',
    ],
  ])('is refused with %s', (_what, text, expression) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'FHIR_INVALID_RESOURCE',
        issues: [expect.objectContaining({ expression })],
      }),
    );
  });

  it('is refused with a member twice and with too many entries', () => {
    expect(() =>
      read('{"resourceType":"Bundle","type":"batch","entry":[{"resource":{},"resource":{}}]}'),
    ).toThrow(expect.objectContaining({ code: 'FHIR_DUPLICATE_KEY' }));
    expect(() => read('{"resourceType":"Bundle","type":"batch","entry":[{},{},{},{}]}')).toThrow(
      expect.objectContaining({ code: 'FHIR_BUNDLE_TOO_LARGE' }),
    );
  });
});

describe('a Bundle that goes out', () => {
  it('is put together from texts', () => {
    const bundle = new BundleWriter('searchset', {
      total: 1,
      links: [{ relation: 'self', url: 'http://x/"' }],
    });
    bundle.add({ fullUrl: 'http://x/P/1', resource: Buffer.from('{"a":1.0}'), search: { mode: 'match' } });
    bundle.add({ response: { status: '404 Not Found' }, outcome: '{"resourceType":"OperationOutcome"}' });
    expect(bundle.finish().toString()).toBe(
      '{"resourceType":"Bundle","type":"searchset","total":1,"link":[{"relation":"self","url":"http://x/\\""}],' +
        '"entry":[{"fullUrl":"http://x/P/1","resource":{"a":1.0},"search":{"mode":"match"}},' +
        '{"response":{"status":"404 Not Found","outcome":{"resourceType":"OperationOutcome"}}}]}',
    );
  });

  it('has no empty list of entries', () => {
    expect(new BundleWriter('history').finish().toString()).toBe(
      '{"resourceType":"Bundle","type":"history"}',
    );
  });
});
