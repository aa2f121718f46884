import { createHash } from 'node:crypto';
import { markup } from '../texts/markup.js';
import { contentSecurityPolicy, formSource, renderPage } from './page.js';
import { describeScope } from './scope-description.js';
import { textsFor } from '../texts/languages.js';

const english = textsFor(undefined, undefined);
const plain = { name: 'Firekeep' };

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
    const document = renderPage({ texts: english, title: 'x', body: markup`y` }, plain);
    const style = /<style>([\s\S]*)<\/style>/.exec(document)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(contentSecurityPolicy({ texts: english, title: 'x' }, plain)).toContain(
      `style-src 'sha256-${hash}';`,
    );
  });

  it('take name, logo and stylesheet from the theme, and allow exactly these', () => {
    const look = {
      name: 'Spital <Nord>',
      logo: 'https://fhir.example.org/oauth2/theme/logo?v=1',
      stylesheet: 'https://fhir.example.org/oauth2/theme/style.css?v=2',
    };
    const document = renderPage({ texts: english, title: 'x', body: markup`y` }, look);
    expect(document).toContain('<title>x · Spital &lt;Nord&gt;</title>');
    expect(document).toContain(`<img src="${look.logo}" alt="Spital &lt;Nord&gt;">`);
    expect(document.indexOf(`<link rel="stylesheet" href="${look.stylesheet}">`)).toBeGreaterThan(
      document.indexOf('</style>'),
    );
    const policy = contentSecurityPolicy({ texts: english, title: 'x' }, look);
    expect(policy).toMatch(/style-src 'sha256-\S+' https:\/\/fhir\.example\.org\/oauth2\/theme\/style\.css;/);
    expect(policy).toContain('; img-src https://fhir.example.org/oauth2/theme/logo;');
    expect(policy).not.toContain('script-src');
  });

  it('run one line of script where they send their form by themselves, and say so', () => {
    const page = { texts: english, title: 'x', body: markup`y`, sendsItself: true };
    const script = /<script>(.*)<\/script>/.exec(renderPage(page, plain))?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    expect(contentSecurityPolicy(page, plain)).toContain(`; script-src 'sha256-${hash}';`);
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
