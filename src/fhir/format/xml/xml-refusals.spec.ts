import { jsonToXml } from './json-to-xml.js';
import { xmlLimits } from './xml-limits.js';
import { xmlToJson } from './xml-to-json.js';

const fhir = 'xmlns="http://hl7.org/fhir"';
const xhtml = 'xmlns="http://www.w3.org/1999/xhtml"';
const patient = (content: string): string => `<Patient ${fhir}>${content}</Patient>`;
const narrative = (content: string): string => patient(`<text><status value="generated"/>${content}</text>`);
const read = (xml: Buffer | string): unknown => JSON.parse(xmlToJson(xml).toString());

const laughs = `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}">]>`;
const external = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>';

describe('XML that is not taken', () => {
  it.each([
    ['a DOCTYPE', `<!DOCTYPE Patient>${patient('')}`, 'FHIR_XML_DOCTYPE', ''],
    [
      'entities that expand a billion times',
      `${laughs}${patient('<id value="&c;"/>')}`,
      'FHIR_XML_DOCTYPE',
      '',
    ],
    ['an external entity', `${external}${patient('<id value="&e;"/>')}`, 'FHIR_XML_DOCTYPE', ''],
    ['a DOCTYPE inside', patient('<!DOCTYPE a>'), 'FHIR_XML_MALFORMED', 'Patient'],
    ['an entity that is not declared', patient('<id value="&e;"/>'), 'FHIR_XML_MALFORMED', 'Patient'],
    [
      'a named character of HTML',
      narrative(`<div ${xhtml}>&nbsp;</div>`),
      'FHIR_XML_MALFORMED',
      'Patient.text.div',
    ],
    [
      'an inherited property as an entity',
      patient('<id value="&constructor;"/>'),
      'FHIR_XML_MALFORMED',
      'Patient',
    ],
    ['a processing instruction', patient('<?php echo 1 ?>'), 'FHIR_XML_INSTRUCTION', 'Patient'],
    ['a style sheet', `<?xml-stylesheet href="x"?>${patient('')}`, 'FHIR_XML_INSTRUCTION', ''],
    [
      'an instruction in a narrative',
      narrative(`<div ${xhtml}><?x y?></div>`),
      'FHIR_XML_INSTRUCTION',
      'Patient.text.div',
    ],
    ['a CDATA section', patient('<![CDATA[ ]]>'), 'FHIR_XML_TEXT', 'Patient'],
    [
      'a CDATA section in a narrative',
      narrative(`<div ${xhtml}><![CDATA[<x>]]></div>`),
      'FHIR_XML_TEXT',
      'Patient.text.div',
    ],
    ['text between elements', patient('<active value="true"/>x'), 'FHIR_XML_TEXT', 'Patient'],
    ['a value as text', patient('<gender>male</gender>'), 'FHIR_XML_TEXT', 'Patient.gender'],
    ['text as a reference', patient('&#160;'), 'FHIR_XML_TEXT', 'Patient'],
    ['an unknown element', patient('<colour value="red"/>'), 'FHIR_XML_UNKNOWN_ELEMENT', 'Patient'],
    ['an element of another case', patient('<Active value="true"/>'), 'FHIR_XML_UNKNOWN_ELEMENT', 'Patient'],
    [
      'an inherited property as an element',
      patient('<constructor value="a"/>'),
      'FHIR_XML_UNKNOWN_ELEMENT',
      'Patient',
    ],
    ['a JSON member as an element', patient('<_active value="a"/>'), 'FHIR_XML_UNKNOWN_ELEMENT', 'Patient'],
    [
      'an attribute as an element',
      patient('<name><id value="a"/></name>'),
      'FHIR_XML_UNKNOWN_ELEMENT',
      'Patient.name[0]',
    ],
    ['a choice without its type', patient('<deceased value="true"/>'), 'FHIR_XML_UNKNOWN_ELEMENT', 'Patient'],
    [
      'an element inside a primitive',
      patient('<gender value="male"><x/></gender>'),
      'FHIR_XML_UNKNOWN_ELEMENT',
      'Patient.gender',
    ],
    ['an unknown resource', `<Pacient ${fhir}/>`, 'FHIR_XML_UNKNOWN_TYPE', ''],
    ['an abstract resource', `<DomainResource ${fhir}/>`, 'FHIR_XML_UNKNOWN_TYPE', ''],
    ['a datatype', `<HumanName ${fhir}/>`, 'FHIR_XML_UNKNOWN_TYPE', ''],
    [
      'an unknown contained resource',
      patient('<contained><Nope/></contained>'),
      'FHIR_XML_UNKNOWN_TYPE',
      'Patient.contained[0]',
    ],
    [
      'two resources in one place',
      patient('<contained><Basic/><Basic/></contained>'),
      'FHIR_XML_REPEATED',
      'Patient.contained[0]',
    ],
    ['two roots', `${patient('')}${patient('')}`, 'FHIR_XML_MALFORMED', ''],
    ['no resource in its place', patient('<contained/>'), 'FHIR_XML_EMPTY', 'Patient.contained[0]'],
    ['a wrong order', patient('<gender value="male"/><active value="true"/>'), 'FHIR_XML_ORDER', 'Patient'],
    [
      'a list in two parts',
      patient('<name><text value="a"/></name><gender value="male"/><name/>'),
      'FHIR_XML_ORDER',
      'Patient',
    ],
    [
      'a single element twice',
      patient('<gender value="male"/><gender value="male"/>'),
      'FHIR_XML_REPEATED',
      'Patient',
    ],
    [
      'two types of a choice',
      patient('<deceasedBoolean value="true"/><deceasedDateTime value="2020"/>'),
      'FHIR_XML_REPEATED',
      'Patient',
    ],
    ['no namespace', '<Patient/>', 'FHIR_XML_NAMESPACE', ''],
    ['another namespace', '<Patient xmlns="http://hl7.org/fhir/"/>', 'FHIR_XML_NAMESPACE', ''],
    [
      'an element of another namespace',
      patient('<id xmlns="urn:x" value="a"/>'),
      'FHIR_XML_NAMESPACE',
      'Patient',
    ],
    ['XHTML where none belongs', patient(`<active ${xhtml} value="true"/>`), 'FHIR_XML_NAMESPACE', 'Patient'],
    ['a narrative outside of XHTML', narrative('<div>x</div>'), 'FHIR_XML_NAMESPACE', 'Patient.text'],
    [
      'FHIR in a narrative',
      narrative(`<div ${xhtml}><id ${fhir}/></div>`),
      'FHIR_XML_NAMESPACE',
      'Patient.text.div',
    ],
    [
      'a foreign attribute in a narrative',
      narrative(`<div ${xhtml} xmlns:v="urn:v" v:a="1"/>`),
      'FHIR_XML_NAMESPACE',
      'Patient.text.div',
    ],
    ['an unbound prefix', patient('<f:id value="a"/>'), 'FHIR_XML_MALFORMED', 'Patient'],
    ['an attribute twice', patient('<id value="a" value="b"/>'), 'FHIR_XML_MALFORMED', 'Patient'],
    ['an unknown attribute', patient('<id valeu="a"/>'), 'FHIR_XML_UNKNOWN_ATTRIBUTE', 'Patient.id'],
    ['an attribute of the resource', `<Patient ${fhir} id="a"/>`, 'FHIR_XML_UNKNOWN_ATTRIBUTE', 'Patient'],
    [
      'a value of a complex element',
      patient('<name value="a"/>'),
      'FHIR_XML_UNKNOWN_ATTRIBUTE',
      'Patient.name[0]',
    ],
    [
      'a type by xsi',
      `<Patient ${fhir} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Patient"/>`,
      'FHIR_XML_UNKNOWN_ATTRIBUTE',
      'Patient',
    ],
    ['an empty primitive', patient('<name><given/></name>'), 'FHIR_XML_EMPTY', 'Patient.name[0].given[0]'],
    ['an empty element', patient('<name></name>'), 'FHIR_XML_EMPTY', 'Patient.name[0]'],
    ['a boolean that is none', patient('<active value="1"/>'), 'FHIR_XML_VALUE', 'Patient.active'],
    [
      'a number that is none',
      patient('<multipleBirthInteger value="+1"/>'),
      'FHIR_XML_VALUE',
      'Patient.multipleBirthInteger',
    ],
    [
      'a number that would be more JSON',
      patient('<multipleBirthInteger value="1,&quot;id&quot;:2"/>'),
      'FHIR_XML_VALUE',
      'Patient.multipleBirthInteger',
    ],
    ['a control character', patient('<id value="&#1;"/>'), 'FHIR_XML_MALFORMED', 'Patient'],
    ['half a surrogate pair', patient('<id value="&#xD800;"/>'), 'FHIR_XML_MALFORMED', 'Patient'],
    ['no end', `<Patient ${fhir}><name>`, 'FHIR_XML_MALFORMED', 'Patient.name[0]'],
    ['a wrong end', `<Patient ${fhir}></Basic>`, 'FHIR_XML_MALFORMED', ''],
    ['nothing', '', 'FHIR_XML_MALFORMED', ''],
    ['JSON', '{"resourceType":"Patient"}', 'FHIR_XML_MALFORMED', ''],
    ['XML 1.1', `<?xml version="1.1"?>${patient('')}`, 'FHIR_XML_MALFORMED', ''],
  ])('%s', (_what, xml, code, path) => {
    expect(() => xmlToJson(xml)).toThrow(
      expect.objectContaining({
        code,
        status: 400,
        issues: path === '' ? [] : [expect.objectContaining({ expression: path })],
      }),
    );
  });

  it('is told with element and line', () => {
    expect(() =>
      xmlToJson(patient('\n<name/>\r\n<name>\n<given/></name>').replace('<name/>', '<active value="true"/>')),
    ).toThrow(
      'The element is empty; it must have a value, attributes or elements. (Patient.name[0].given[0], line 4)',
    );
  });

  it('is told shortly, however long its names are', () => {
    const long = 'a'.repeat(100_000);
    for (const xml of [
      `<${long}:Patient/>`,
      patient(`<${long}/>`),
      patient(`</${long}>`),
      `<Patient ${fhir} ${long}=""/>`,
    ]) {
      try {
        xmlToJson(xml);
        throw new Error('it was taken');
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^FHIR_XML_/) });
        expect((error as Error).message.length).toBeLessThan(400);
      }
    }
  });

  it.each([
    ['UTF-16, little end first', Buffer.from(`\ufeff${patient('')}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(patient(''), 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${patient('')}`, 'utf16le').swap16()],
    ['UTF-32', Buffer.of(0, 0, 0xfe, 0xff, 0, 0, 0, 0x3c)],
    ['ISO 8859-1 in disguise', Buffer.from(patient('<id value="é"/>'), 'latin1')],
    ['a declared other encoding', Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${patient('')}`)],
    ['UTF-7', Buffer.from(`<?xml version="1.0" encoding="UTF-7"?>${patient('')}`)],
  ])('%s', (_what, xml) => {
    expect(() => xmlToJson(xml)).toThrow(expect.objectContaining({ code: 'FHIR_XML_ENCODING', status: 400 }));
  });

  it.each([
    ['elements too deep', patient('<extension url="a">'.repeat(100_000)), {}],
    ['a narrative too deep', narrative(`<div ${xhtml}>${'<b>'.repeat(100_000)}`), {}],
    [
      'too many attributes',
      `<Patient ${Array.from({ length: 100_000 }, (_, at) => `a${at}="" `).join('')}/>`,
      {},
    ],
    ['too many elements', patient('<name><text value="a"/></name>'.repeat(60)), { elements: 100 }],
    ['too many bytes', patient(' '.repeat(1_000)), { size: 1_000 }],
  ])('%s', (_what, xml, limits) => {
    expect(() => xmlToJson(xml, { ...xmlLimits, ...limits })).toThrow(
      expect.objectContaining({ code: 'FHIR_XML_LIMIT' }),
    );
  });
});

describe('XML that is taken', () => {
  it.each([
    [
      'with a byte order mark, declaration, comments and white space',
      Buffer.from(
        `\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<!-- a -->\r\n<Patient ${fhir}>\t<!-- b --> <id value='a'></id>\n</Patient >\n<!-- c -->\n`,
      ),
    ],
    ['with a prefix', '<f:Patient xmlns:f="http://hl7.org/fhir"><f:id value="a"/></f:Patient>'],
    [
      'with another prefix inside',
      '<f:Patient xmlns:f="http://hl7.org/fhir"><id xmlns="http://hl7.org/fhir" value="a"/></f:Patient>',
    ],
    [
      'with the place of its schema',
      `<Patient ${fhir} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir x.xsd"><id value="a"/></Patient>`,
    ],
    ['with references by number', patient('<id value="&#97;"/>')],
  ])('%s', (_what, xml) => {
    expect(read(xml)).toEqual({ resourceType: 'Patient', id: 'a' });
  });

  it('makes line ends in attributes spaces, as XML has it', () => {
    expect(read(patient('<name><text value="a\r\nb\tc&#10;d"/></name>'))).toMatchObject({
      name: [{ text: 'a b c\nd' }],
    });
  });

  it('has a narrative with prefixes without them, since in JSON it stands alone', () => {
    const xml = `<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><f:text><f:status value="generated"/>
      <h:div title="&quot;&amp;"><h:p xml:lang="de">a &lt;&gt; b<h:br/></h:p><!-- gone --><b ${xhtml}>c</b></h:div></f:text></f:Patient>`;
    expect(read(xml)).toMatchObject({
      text: { div: `<div ${xhtml} title="&quot;&amp;"><p xml:lang="de">a &lt;&gt; b<br/></p><b>c</b></div>` },
    });
  });

  it('has a narrative with declarations that it does not need without them', () => {
    for (const declarations of [`\r\n ${xhtml} xmlns:v="urn:v"`, xhtml.replace('="', '=" ')]) {
      expect(read(narrative(`<div ${declarations}><p>a</p></div>`))).toMatchObject({
        text: { div: `<div ${xhtml}><p>a</p></div>` },
      });
    }
  });
});

describe('JSON that XML has no form for', () => {
  const basic = (member: string): string => `{"resourceType":"Basic",${member}}`;
  const text = (div: string): string => basic(`"text":{"status":"generated","div":${JSON.stringify(div)}}`);

  it.each([
    ['an unknown member', basic('"a":1'), 'Basic'],
    ['an inherited property', basic('"toString":1'), 'Basic'],
    ['an unknown member inside', basic('"extension":[{"url":"u"},{"x":1}]'), 'Basic.extension[1]'],
    [
      'a resource type in a datatype',
      basic('"code":{"resourceType":"CodeableConcept","text":"x"}'),
      'Basic.code',
    ],
    ['an empty array', basic('"extension":[]'), 'Basic.extension'],
    ['an empty object', basic('"code":{}'), 'Basic.code'],
    ['an empty sibling', basic('"created":"2020","_created":{}'), 'Basic.created'],
    ['null', basic('"created":null'), 'Basic.created'],
    ['null alone in an array', basic('"meta":{"profile":["a",null]}'), 'Basic.meta.profile[1]'],
    ['a single value in an array', basic('"created":["2020"]'), 'Basic.created'],
    ['a list as a value', basic('"meta":{"profile":"a"}'), 'Basic.meta.profile'],
    [
      'a number as a string',
      basic('"extension":[{"url":"u","valueDecimal":"1"}]'),
      'Basic.extension[0].valueDecimal',
    ],
    ['a string as a number', basic('"created":2020'), 'Basic.created'],
    ['an attribute that is no string', basic('"code":{"id":1}'), 'Basic.code'],
    [
      'two types of a choice',
      basic('"extension":[{"url":"u","valueDate":"2020","valueCode":"a"}]'),
      'Basic.extension[0]',
    ],
    ['a resource without a type', basic('"contained":[{"id":"a"}]'), 'Basic.contained[0]'],
    ['a resource that is none', basic('"contained":["a"]'), 'Basic.contained[0]'],
    ...[
      ['that ends early', `<div ${xhtml}></div><id value="evil"/><div ${xhtml}></div>`],
      ['that ends another element', `<div ${xhtml}></div></text><evil/>`],
      ['without an end', `<div ${xhtml}>`],
      ['with an element without an end', `<div ${xhtml}><br></div>`],
      ['that is text', 'hello'],
      ['that is another element', `<p ${xhtml}/>`],
      ['of another namespace', '<div xmlns="http://hl7.org/fhir"/>'],
      ['with an unknown entity', `<div ${xhtml}>&evil;</div>`],
      ['with a bare ampersand', `<div ${xhtml}>a & b</div>`],
      ['with a bare ampersand in an attribute', `<div ${xhtml} title="a & b"/>`],
      ['with a bare bracket', `<div ${xhtml}>a < b</div>`],
      ['with an attribute twice', `<div ${xhtml} id="a" id="a"/>`],
      ['with an attribute without quotes', `<div ${xhtml} id=a/>`],
      ['with a prefix', `<div ${xhtml}><v:p xmlns:v="urn:v"/></div>`],
      ['with a CDATA section', `<div ${xhtml}><![CDATA[x]]></div>`],
      ['with an instruction', `<div ${xhtml}><?x?></div>`],
      ['with a broken comment', `<div ${xhtml}><!-- a -- b --></div>`],
      ['that is too deep', `<div ${xhtml}>${'<b>'.repeat(200)}${'</b>'.repeat(200)}</div>`],
    ].map(([what = '', div = '']): [string, string, string] => [
      `a narrative ${what}`,
      text(div),
      'Basic.text.div',
    ]),
  ])('%s is refused with its place', (_what, json, expression) => {
    expect(() => jsonToXml(json)).toThrow(
      expect.objectContaining({
        code: 'FHIR_XML_NOT_REPRESENTABLE',
        status: 406,
        issues: [expect.objectContaining({ expression })],
      }),
    );
  });

  it.each([
    ['a control character', basic('"created":"a\\u0001"'), 'created value="a\ufffd"'],
    ['U+FFFF', basic('"created":"a\\uffff"'), 'created value="a\ufffd"'],
    ['half a surrogate pair', basic('"id":"a","created":"\\ud800b"'), 'created value="\ufffdb"'],
    ['U+FFFE as an attribute', basic('"extension":[{"url":"u\\ufffe","valueCode":"a"}]'), 'url="u\ufffd"'],
    ['a control character in a narrative', text(`<div ${xhtml}>a\u0001b</div>`), '>a\ufffdb</div>'],
    [
      'references to no characters in a narrative',
      text(`<div ${xhtml} title="&#xFFFF;">&#0;&#xD800;&#99999999;&#65;</div>`),
      'title="\ufffd">\ufffd\ufffd\ufffd&#65;</div>',
    ],
  ])('%s, which XML has not, is shown as U+FFFD', (_what, json, expected) => {
    expect(jsonToXml(json)).toContain(expected);
  });

  it.each([
    '[]',
    '"a"',
    '{}',
    '{"resourceType":"Resource"}',
    '{"resourceType":1}',
    '{"resourceType":"toString"}',
  ])('%s as a resource is refused', (json) => {
    expect(() => jsonToXml(json)).toThrow(expect.objectContaining({ code: 'FHIR_XML_NOT_REPRESENTABLE' }));
  });
});
