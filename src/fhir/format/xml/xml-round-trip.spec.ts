import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDefinitions } from '../../definitions/index.js';
import { jsonToXml } from './json-to-xml.js';
import { xmlToJson, xmlToJsonInTurns } from './xml-to-json.js';
import { volume } from '../../../../test/kit/volume.js';

const back = (json: string): string => xmlToJson(jsonToXml(json)).toString();
const body = (xml: string): string => xml.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>/, '');

/** The parsed text, with every number as the text that spells it. */
const exact = (json: string): unknown =>
  JSON.parse(
    json
      .replace('\ufeff', '')
      .replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
        token.startsWith('"') ? token : JSON.stringify(`number ${token}`),
      ),
  );

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
const withNarrative = (text: string): string =>
  JSON.stringify({ resourceType: 'Basic', text: { status: 'generated', div: text } });

/** One resource a trap; each must come back as it was. */
const traps: Readonly<Record<string, string>> = {
  'a resource without any element': '{"resourceType":"Patient"}',
  'decimals as they are spelled':
    '{"resourceType":"Observation","valueSampledData":{"origin":{"value":1.00},"period":1e2,"factor":-0.0,' +
    '"lowerLimit":123456789012345678901234567890.1234567890,"upperLimit":1E-400,"dimensions":1}}',
  'numbers behind others that are spelled oddly':
    '{"resourceType":"Observation","component":[{"valueQuantity":{"value":1.0}},{"valueQuantity":{"value":-0}},' +
    '{"valueQuantity":{"value":7}},{"valueInteger":0},{"valueQuantity":{"value":2.50}}]}',
  booleans: '{"resourceType":"Patient","active":false,"deceasedBoolean":true}',
  'extensions of a primitive, with and without its value':
    '{"resourceType":"Patient","birthDate":"1970-01-01","_birthDate":{"id":"b","extension":[{"url":"http://x","valueTime":"12:00:00"}]},' +
    '"_gender":{"extension":[{"url":"http://y","valueCode":"unknown"}]}}',
  'primitives in arrays that align by null':
    '{"resourceType":"Patient","name":[{"given":["A",null,"C"],"_given":[null,{"extension":[{"url":"u","valueString":"v"}]},{"id":"c"}]},' +
    '{"_given":[{"id":"only"}]}]}',
  'extensions of a resource id and language':
    '{"resourceType":"Patient","id":"p","_id":{"extension":[{"url":"u","valueBoolean":true}]},"_language":{"id":"l"}}',
  'extensions in extensions, in extensions of primitives':
    '{"resourceType":"Patient","extension":[{"id":"e","extension":[{"url":"inner","_valueString":{"extension":[{"url":"deep",' +
    '"valueDecimal":3.140}]}}],"url":"outer"}],"modifierExtension":[{"url":"m","valueReference":{"reference":"#c"}}]}',
  'ids of elements':
    '{"resourceType":"Patient","name":[{"id":"n","family":"F"}],"contact":[{"id":"c","gender":"male"}]}',
  'contained resources':
    '{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"p"},{"resourceType":"Organization","id":"o","name":"O"}],' +
    '"subject":{"reference":"#p"}}',
  'a Bundle in a Bundle':
    '{"resourceType":"Bundle","type":"collection","link":[{"relation":"self","url":"http://x?a=1&b=2"}],"entry":[{"fullUrl":"urn:x",' +
    '"resource":{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Basic","id":"b"},"request":{"method":"POST",' +
    '"url":"Basic"}}]}},{"response":{"status":"200","outcome":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"x"}]}}}]}',
  Parameters:
    '{"resourceType":"Parameters","parameter":[{"name":"a","valueDecimal":1.0},{"name":"b","part":[{"name":"c","resource":' +
    '{"resourceType":"Binary","contentType":"text/plain","data":"SGVsbG8="}},{"name":"d","valueUnsignedInt":3}]}]}',
  'a Binary': '{"resourceType":"Binary","contentType":"application/octet-stream","data":"AP/+"}',
  'a content reference':
    '{"resourceType":"Questionnaire","item":[{"linkId":"1","item":[{"linkId":"1.1","item":[{"linkId":"1.1.1"}]}]}]}',
  'line ends, tabs, quotes and brackets in strings': JSON.stringify({
    resourceType: 'Basic',
    id: 'a',
    code: { text: ' \t\r\n"\'<&>]]>&amp;&#10; \u0085\u2028\u{1f600}e\u0301 ' },
  }),
  'a narrative as it is written': withNarrative(
    `<div xmlns="http://www.w3.org/1999/xhtml"\n class='x "y"'><!-- a > b -->&amp;&lt;&#160;&#xA0;<br /><br></br>` +
      `<p xml:lang="de" title="&quot;>">ä\u00a0\u{1f600}\r\n\t</p><b/>]]&gt;</div>`,
  ),
  'an empty narrative': withNarrative('<div xmlns="http://www.w3.org/1999/xhtml"/>'),
};

describe('JSON to XML and back', () => {
  it.each(Object.entries(traps))('keeps %s', (_what, json) => {
    expect(exact(back(json))).toEqual(exact(json));
    const pretty = jsonToXml(json, { pretty: true });
    expect(exact(xmlToJson(pretty).toString())).toEqual(exact(json));
    expect(jsonToXml(xmlToJson(pretty))).toBe(jsonToXml(json));
  });

  it('keeps a large text that is read in pieces, wherever their borders are', async () => {
    const note = div('<p title="\u{1f600}\r\n">\u{1f600}\r\n<b>&amp;</b></p>'.repeat(9));
    const entries = Array.from({ length: 1_000 }, (_, index) => {
      const text = '\u{1f600}\r\n&'.repeat(index % 50);
      return `{"resource":{"resourceType":"Basic","text":{"status":"generated","div":${JSON.stringify(note)}},"code":{"text":${JSON.stringify(`x${text}`)}}}}`;
    });
    const json = `{"resourceType":"Bundle","entry":[${entries.join(',')}]}`;
    const xml = jsonToXml(json);
    expect(xmlToJson(xml).toString()).toBe(json);
    const order: string[] = [];
    setImmediate(() => order.push('another request'));
    expect((await xmlToJsonInTurns(xml)).toString()).toBe(json);
    order.push('this one');
    expect(order).toEqual(['another request', 'this one']);
    await expect(xmlToJsonInTurns('<a/>')).rejects.toMatchObject({ code: 'FHIR_XML_NAMESPACE' });
  });

  it('keeps any string', () => {
    const text = fc
      .array(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('&', '<', '>', '"', "'", ']]>', '\n', '\r', '\t', '&#0;', '\\', '\ufeff', '{', ','),
        ),
      )
      .map((parts) => parts.join(''))
      .filter((value) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(value));
    fc.assert(
      fc.property(text, text, (value, url) => {
        const json = JSON.stringify({
          resourceType: 'Basic',
          extension: [{ id: value, url, valueString: value }],
        });
        expect(back(json)).toBe(json);
      }),
    );
  });

  it('keeps any number', () => {
    const digits = fc.stringMatching(/^[0-9]{0,30}$/);
    const lexeme = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9][0-9]{0,30}$/)),
        digits.map((text) => (text === '' ? '' : `.${text}`)),
        fc.constantFrom('', 'e2', 'E+10', 'e-7', 'e400'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(lexeme, { minLength: 1, maxLength: 5 }), (numbers) => {
        const parameter = numbers.map((value, index) => `{"name":"n${index}","valueDecimal":${value}}`);
        const json = `{"resourceType":"Parameters","parameter":[${parameter.join(',')}]}`;
        expect(back(json)).toBe(json);
      }),
    );
  });

  it('keeps any narrative, whatever is in its text, attributes and comments', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'é',
        '\u{1f600}',
        '&amp;',
        '&lt;',
        '&#160;',
        '&#x1F600;',
        '"',
        "'",
        '>',
        ' ',
        '\n',
        '\t',
        ';',
        ']]',
      ],
    );
    const text = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('').replaceAll(']]>', ']]'));
    const { node } = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.constantFrom('<br/>', '<hr />', '<!-- & < -->', '<!---->'),
        fc
          .tuple(fc.constantFrom('p', 'b', 'h1'), text, fc.array(tie('node'), { maxLength: 3 }))
          .map(
            ([name, title, inside]) =>
              `<${name} title="${title.replaceAll('"', '')}" id = 'x'>${inside.join('').replaceAll(']]>', ']]')}</${name} >`,
          ),
      ),
    }));
    fc.assert(
      fc.property(fc.array(node, { maxLength: 4 }), (nodes) => {
        const json = withNarrative(div(nodes.join('').replaceAll(']]>', ']]')));
        expect(back(json)).toBe(json);
      }),
    );
  });

  it('takes what any JSON member name, type or value may be, and answers or refuses it', () => {
    const names = [
      'resourceType',
      'id',
      '_id',
      'name',
      'given',
      '_given',
      'extension',
      'url',
      'valueDecimal',
      'text',
      'div',
      'contained',
      '__proto__',
      'toString',
    ];
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 1, 1.5, '', 'x', 'Patient', '<div>'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (anything) => {
        const json = JSON.stringify(Object.assign({}, anything, { resourceType: 'Patient' }));
        let xml: string;
        try {
          xml = jsonToXml(json);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^FHIR_/) });
          return;
        }
        expect(jsonToXml(xmlToJson(xml))).toBe(xml);
      }),
      { numRuns: volume(1_000) },
    );
  });

  it('has a form for every element of every type', () => {
    for (const type of loadDefinitions().resourceTypes) {
      const json = `{"resourceType":"${type}","id":"x"}`;
      expect(back(json)).toBe(json);
    }
  });
});

describe('XML', () => {
  it('has its elements in the order of the definition, whatever the order in JSON', () => {
    const json =
      '{"birthDate":"1970-01-01","_active":{"id":"a"},"name":[{"_given":[{"id":"g"}],"family":"F","given":["G"],"id":"n"}],' +
      '"id":"p","active":true,"resourceType":"Patient","meta":{"tag":[{"code":"c"}],"versionId":"1"}}';
    expect(body(jsonToXml(json))).toBe(
      '<Patient xmlns="http://hl7.org/fhir"><id value="p"/><meta><versionId value="1"/><tag><code value="c"/></tag></meta>' +
        '<active value="true" id="a"/><name id="n"><family value="F"/><given value="G" id="g"/></name>' +
        '<birthDate value="1970-01-01"/></Patient>',
    );
  });

  it('is indented on request', () => {
    const json = '{"resourceType":"Observation","contained":[{"resourceType":"Patient"}],"status":"final"}';
    expect(body(jsonToXml(json, { pretty: true }))).toBe(
      '\n<Observation xmlns="http://hl7.org/fhir">\n  <contained>\n    <Patient/>\n  </contained>\n' +
        '  <status value="final"/>\n</Observation>\n',
    );
  });

  it('has named characters of HTML in narratives as references by number', () => {
    const json = withNarrative(div('a&nbsp;b &euro;&thetasym;&amp;<i title="&eacute;">&hearts;</i>'));
    expect(jsonToXml(json)).toContain(div('a&#160;b &#8364;&#977;&amp;<i title="&#233;">&#9829;</i>'));
  });

  it('declares the namespace of a narrative that lacks it', () => {
    expect(jsonToXml(withNarrative('<div class="a">x</div>'))).toContain(
      '<div xmlns="http://www.w3.org/1999/xhtml" class="a">x</div>',
    );
  });
});

const root = join(__dirname, '../../../..');
/** The project's own example, and what is published or generated where it is at hand. */
const folders = [
  'examples/data',
  ...['fhir-r4-examples', 'synthea/transactions', 'synthea/conditional'].map(
    (name) => `../shared/data/${name}`,
  ),
].filter((folder) => existsSync(join(root, folder)));

describe('resources of', () => {
  it.each(folders)('%s come back as they were', (folder) => {
    const names = readdirSync(join(root, folder)).filter((name) => /^[^.].*\.json$/.test(name));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const json = readFileSync(join(root, folder, name));
      const again = xmlToJson(jsonToXml(json)).toString();
      expect({ name, value: exact(again) }).toEqual({ name, value: exact(json.toString()) });
    }
  });
});
