import { loadDefinitions } from '../definitions/index.js';
import { findLinks, LinkUrls, replaceLinks } from './links.js';

const target = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0';
const definitions = loadDefinitions();

function rewrite(resource: object, urls: readonly string[] = [target]): string {
  const text = Buffer.from(JSON.stringify(resource));
  const { resourceType } = resource as { resourceType: string };
  const links = findLinks(text, resourceType, definitions, new LinkUrls(urls));
  return replaceLinks(text, links, (url) => (urls.includes(url) ? 'Patient/1' : undefined)).toString();
}

describe('links of a resource', () => {
  it.each([
    ['a reference', { resourceType: 'Observation', subject: { reference: target } }],
    ['one in a list', { resourceType: 'Observation', performer: [{}, { reference: target }] }],
    [
      'one in a backbone element',
      { resourceType: 'Encounter', participant: [{ individual: { reference: target } }] },
    ],
    [
      'one in an extension',
      { resourceType: 'Patient', extension: [{ url: 'u', valueReference: { reference: target } }] },
    ],
    [
      'one in an extension of a primitive',
      {
        resourceType: 'Patient',
        _active: { extension: [{ url: 'u', valueReference: { reference: target } }] },
      },
    ],
    [
      'one in a contained resource',
      {
        resourceType: 'Patient',
        contained: [{ resourceType: 'Group', member: [{ entity: { reference: target } }] }],
      },
    ],
    [
      'one in a Bundle',
      {
        resourceType: 'Bundle',
        entry: [{ resource: { id: 'x', resourceType: 'Observation', subject: { reference: target } } }],
      },
    ],
    ['a uri', { resourceType: 'Patient', extension: [{ url: 'u', valueUri: target }] }],
    ['a canonical', { resourceType: 'PlanDefinition', library: [target] }],
    ['a url', { resourceType: 'Media', content: { url: target } }],
  ])('rewrites %s', (_what, resource) => {
    expect(rewrite(resource)).toBe(JSON.stringify(resource).replace(target, 'Patient/1'));
  });

  it.each([
    ['an identifier value', { resourceType: 'Patient', identifier: [{ value: target }] }],
    ['a string', { resourceType: 'Patient', extension: [{ url: 'u', valueString: target }] }],
    ['a display', { resourceType: 'Observation', subject: { display: target } }],
    ['an element named reference of another type', { resourceType: 'Contract', reference: target }],
    ['another URL', { resourceType: 'Observation', subject: { reference: `${target}0` } }],
    [
      'text in a narrative',
      { resourceType: 'Patient', text: { div: `<div>${target} <p title="${target}"/></div>` } },
    ],
    ['a div elsewhere', { resourceType: 'Patient', extension: [{ div: `<a href="${target}">x</a>` }] }],
  ])('leaves %s alone', (_what, resource) => {
    expect(rewrite(resource)).toBe(JSON.stringify(resource));
  });

  it('rewrites links and images of a narrative', () => {
    const div = (url: string): string =>
      `<div><a class="x" href="${url}">a</a><img alt="" src="${url}"/></div>`;
    const resource = { resourceType: 'Patient', text: { status: 'generated', div: div(target) } };
    expect(JSON.parse(rewrite(resource)).text.div).toBe(div('Patient/1'));
  });

  it('finds URLs behind escapes', () => {
    const url = 'http://example.org/Patient/1';
    const text = Buffer.from(
      '{"resourceType":"Patient","extension":[{"url":"u","valueUri":"http:\\/\\/example.org\\/Patient\\/1"}]}',
    );
    const links = findLinks(text, 'Patient', definitions, new LinkUrls([url]));
    expect(links).toMatchObject([{ kind: 'uri', value: url }]);
  });

  it('looks for the type of a resource inside of another once, however many references it has', () => {
    const member = Array.from({ length: 20_000 }, () => ({ entity: { reference: target } }));
    const resource = { resourceType: 'Patient', contained: [{ member, resourceType: 'Group' }, { member }] };
    expect(rewrite(resource).split('Patient/1')).toHaveLength(20_001);
  });

  it('takes hostile narratives in linear time', () => {
    const div = `<a ${'href= '.repeat(50_000)}${'<a href="'.repeat(50_000)}`;
    expect(rewrite({ resourceType: 'Patient', text: { div } })).toContain('href= ');
  });
});
