import { extract } from './extract.js';
import { participations } from './participations.js';

const nora = { reference: 'Practitioner/nora' };
const always = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
const start = Date.UTC(2020, 0, 1);
const end = Date.UTC(2021, 0, 1) - 1;

/** Who takes part, from when and until when. */
function taking(resource: { readonly resourceType: string; readonly [name: string]: unknown }): unknown[] {
  const values = extract(resource.resourceType, resource, { bases: ['https://here.example.org'] });
  return (values.find(({ code }) => code === participations)?.values ?? []).map((value) => {
    if (value.type !== 'composite') return value;
    const [who, time, same] = value.components;
    expect(same).toEqual(time);
    return [
      who?.type === 'reference' ? who.targetId : who,
      ...(time?.type === 'date' ? [time.low, time.high] : []),
    ];
  });
}

const team = (more: object = {}, participant: object = {}) => ({
  ...{ resourceType: 'CareTeam', subject: { reference: 'Patient/1' } },
  participant: [{ member: nora, ...participant }],
  ...more,
});
const visit = (status: string, more: object = {}) => ({
  ...{ resourceType: 'Encounter', status, participant: [{ individual: nora }] },
  ...more,
});

describe('participations', () => {
  it.each([undefined, 'active'])('are in a team with the status %s', (status) =>
    expect(taking(team({ status }))).toEqual([['nora', ...always]]),
  );

  it.each(['proposed', 'suspended', 'inactive', 'entered-in-error', 'none', 1, null])(
    'are in no team with the status %s',
    (status) => expect(taking(team({ status }))).toEqual([]),
  );

  it.each(['planned', 'arrived', 'triaged', 'in-progress', 'onleave'])(
    'are in an encounter that is %s',
    (status) => expect(taking(visit(status))).toEqual([['nora', ...always]]),
  );

  it.each(['finished', 'cancelled', 'entered-in-error', 'unknown'])(
    'are in no encounter that is %s',
    (status) => expect(taking(visit(status))).toEqual([]),
  );

  it('last as long as the period of the whole and that of the participant', () => {
    const whole = { period: { start: '2020', end: '2022' } };
    expect(taking(team({}, { period: { start: '2020', end: '2020' } }))).toEqual([['nora', start, end]]);
    expect(taking(team({ period: { start: '2020', end: '2020-12-31' } }))).toEqual([['nora', start, end]]);
    expect(taking(team(whole, { period: { end: '2020' } }))).toEqual([['nora', start, end]]);
    expect(taking(team(whole, { period: { end: '2019' } }))).toEqual([]);
    expect(taking(visit('planned', { period: { start: '2020' } }))).toEqual([['nora', start, always[1]]]);
  });

  it.each([{ period: 'ever' }, { period: { end: 'soon' } }, { period: { start: 1 } }, { period: null }])(
    'are none in a period that can’t be read: %j',
    (more) => {
      expect(taking(team(more))).toEqual([]);
      expect(taking(team({}, more))).toEqual([]);
    },
  );

  it('are those of resources of the repository', () => {
    const members = [
      'https://here.example.org/Practitioner/eve',
      'https://elsewhere.example.org/Practitioner/x',
      '#x',
      'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a',
    ];
    const participant = members.map((reference) => ({ member: { reference } }));
    expect(taking(team({ participant }))).toEqual([['eve', ...always]]);
    expect(taking(team({ participant: [null, 1, {}, { member: 'x' }] }))).toEqual([]);
  });
});
