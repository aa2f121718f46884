import type { CheckContext } from './check.js';
import { AudienceCheck } from './audience.check.js';

const base = 'https://fhir.example.org/fhir/r4';
const run = (audience?: readonly string[], at = base) =>
  new AudienceCheck().run({
    target: { base: at },
    ...(audience === undefined ? {} : { claims: { audience } }),
  } as unknown as CheckContext);

describe('the audience of a token', () => {
  it.each([[[base]], [[`${base}/`]], [['https://other.example.org', base]]])(
    '%j is this endpoint',
    (audience) => expect(run(audience)).toBeUndefined(),
  );

  it('may be without the slash that the base has', () => expect(run([base], `${base}/`)).toBeUndefined());

  it.each([
    [[]],
    [['']],
    [['/']],
    [['*']],
    [['https://fhir.example.org']],
    [['https://fhir.example.org/fhir']],
    [[`${base}//`]],
    [[`${base}/Patient`]],
    [[`${base}?x`]],
    [[base.toUpperCase()]],
    [['http://fhir.example.org/fhir/r4']],
    [['https://fhir.example.org:443/fhir/r4']],
    [['https://fhir.example.org.evil.example/fhir/r4']],
    [[` ${base}`]],
    [[`${base} ${base}`]],
  ])('%j is another one', (audience) =>
    expect(run(audience)).toMatchObject({ category: 'unauthenticated', error: 'invalid_token' }),
  );

  it('is not asked for where no token was brought', () => expect(run()).toBeUndefined());
});
