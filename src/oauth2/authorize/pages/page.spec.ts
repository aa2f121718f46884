import { createHash } from 'node:crypto';
import { markup } from './markup.js';
import { contentSecurityPolicy, formSource, renderPage } from './page.js';
import { describeScope } from './scope-description.js';
import { textsFor } from './texts/languages.js';

const english = textsFor(undefined, undefined);

describe('pages', () => {
  it('escape every value, in text and in attributes', () => {
    const hostile = `<b title="x" class='y'>&`;
    expect(markup`<p title="${hostile}">${hostile}</p>`.text).toBe(
      '<p title="&lt;b title=&quot;x&quot; class=&#39;y&#39;&gt;&amp;">&lt;b title=&quot;x&quot; class=&#39;y&#39;&gt;&amp;</p>',
    );
    expect(markup`${[markup`<i>${hostile[0]}</i>`, markup`<i>1</i>`]}${undefined}`.text).toBe(
      '<i>&lt;</i><i>1</i>',
    );
  });

  it('allow exactly their own style', () => {
    const document = renderPage({ texts: english, title: 'x', body: markup`y` });
    const style = /<style>([\s\S]*)<\/style>/.exec(document)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(contentSecurityPolicy()).toContain(`style-src 'sha256-${hash}'`);
  });

  it.each([
    ['https://app.example.org/callback?x=1', 'https:'],
    ['http://localhost:9000/callback', 'http://localhost:*'],
    ['http://[::1]:9000/callback', 'http:'],
    ['com.example.app:/callback', 'com.example.app:'],
    ['not a url', undefined],
    [undefined, undefined],
    [['https://a', 'https://b'], undefined],
  ])('let a form lead to %s by %s', (target, source) => {
    expect(formSource(target)).toBe(source);
  });

  it.each([
    [
      'user/MedicationRequest.rs',
      'Read and search records of the kind “Prescriptions” that you have access to.',
    ],
    [
      'patient/*.cruds',
      'Read, search, create, change, and delete records of every kind about the patient in context.',
    ],
    ['user/Observation.r?category=vital-signs', 'only vital signs'],
    ['user/Observation.r?status=final', 'only those with status=final'],
    ['user/MolecularSequence.r', '“Molecular sequence”'],
    ['offline_access', 'when you are away'],
    ['admin', 'Manage this server'],
  ])('say what %s means', (scope, words) => {
    expect(describeScope(scope, english)).toContain(words);
  });
});
