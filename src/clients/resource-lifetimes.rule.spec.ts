import { resourceLifetime, resourceLifetimesProblem, withLifetimesOf } from './resource-lifetimes.rule.js';

const base = 'https://rs.example.org/fhir';
const metadata = { contacts: ['x'], resource_token_lifetimes: { [`${base}/`]: 120 } };

describe('lifetimes by base URL of a resource server', () => {
  it('are found whether or not a slash ends the base', () => {
    expect(resourceLifetime(metadata, base)).toBe(120);
    expect(resourceLifetime(metadata, `${base}/`)).toBe(120);
    expect(resourceLifetime(metadata, `${base}/r4`)).toBeUndefined();
    expect(resourceLifetime({}, base)).toBeUndefined();
    expect(resourceLifetimesProblem(metadata, [base])).toBeUndefined();
  });

  it.each([
    [[]],
    [120],
    ['120'],
    [{ 'https://other.example.org': 120 }],
    [{ [base]: 59 }],
    [{ [base]: 3601 }],
    [{ [base]: 60.5 }],
    [{ [base]: '120' }],
    [{ [base]: null }],
  ])('are refused where they can’t be meant: %j', (value) => {
    expect(resourceLifetimesProblem({ resource_token_lifetimes: value }, [base])).toMatch(
      /^resource_token_lifetimes: /,
    );
  });

  it('go with their base', () => {
    expect(withLifetimesOf([base], metadata)).toEqual(metadata);
    expect(withLifetimesOf(['https://other.example.org'], metadata)).toEqual({ contacts: ['x'] });
    expect(withLifetimesOf([], { contacts: ['x'] })).toEqual({ contacts: ['x'] });
  });
});
