import fc from 'fast-check';
import { databases } from '../../kit/databases.js';
import { volume } from '../../kit/volume.js';
import { compare, type Party } from './write-model/comparison.js';
import { expectedOf } from './write-model/expected.js';
import { everything, ownRecord, type Rule, type Scope } from './write-model/may-write.js';
import { ModelWorld } from './write-model/model-world.js';
import { randomRequests, type Request, type Write } from './write-model/requests.js';
import { initial, to, who } from './write-model/stored.js';
import { described, randomAskers, type Asker } from './write-model/subjects.js';

/** Writes by each of the askers: 40 × 50 in every run, and 100,000 in `npm run test:soak`. */
const askers = volume(40);
const runs = 50;
/** The same askers and writes in every run, unless FIREKEEP_TEST_SEED names others. */
const seed = Number(process.env.FIREKEEP_TEST_SEED ?? 20_260_801);

const sent = { identifier: [{ system: 'urn:sent', value: '1' }] };
const all = (context: Scope['context']): Scope => ({ context, type: '*', letters: 'cruds', criteria: null });
const user = (account: string, fhirUser: string | null, rules: readonly Rule[], patient?: string): Asker => ({
  ...{ kind: 'user', account, fhirUser, rules, patient: patient ?? null },
  defined: rules.filter((rule) => rule !== everything && rule !== ownRecord),
  scopes: [all(patient === undefined ? 'user' : 'patient')],
});
const ofP1 = user('model-y', who.y, [everything], 'p1');
const xs: Rule = { types: ['*'], letters: 'cruds', criteria: null, ownPatients: ['careteam', 'encounter'] };
const alone = (write: Write, repeated: Request['repeated'] = 'no'): Request => ({
  ...{ form: 'alone', writes: [write], prefer: null, repeated },
});
const observation = { resourceType: 'Observation', ...sent, status: 'final' };
const team = {
  ...{ resourceType: 'CareTeam', ...sent, status: 'active', subject: to('Patient/p2') },
  participant: [{ member: to(who.x) }],
};

/** What was seen once. */
const cases: readonly (readonly [string, Asker, Request])[] = [
  [
    'an allergy of another patient, with the own one as recorder',
    ofP1,
    alone({
      kind: 'create',
      body: {
        ...{ resourceType: 'AllergyIntolerance', ...sent },
        ...{ patient: to('Patient/p2'), recorder: to('Patient/p1') },
      },
    }),
  ],
  [
    'an own Observation that is moved to another patient, with the own one as performer',
    ofP1,
    alone({
      ...{ kind: 'update', id: 'o-p1' },
      body: { ...observation, id: 'o-p1', subject: to('Patient/p2'), performer: [to('Patient/p1')] },
    }),
  ],
  [
    'the same by a patch of what names both',
    user('model-p1', 'Patient/p1', [ownRecord]),
    alone({
      ...{ kind: 'patch', type: 'AllergyIntolerance', id: 'a-p1', form: 'json' },
      edit: { kind: 'set', element: 'patient', value: to('Patient/p2') },
    }),
  ],
  [
    'a CareTeam that makes somebody else’s patient an own one',
    user('model-x', who.x, [xs]),
    alone({ kind: 'create', body: team }),
  ],
  [
    'an Observation of a patient of a closed team',
    user('model-x', who.x, [xs]),
    alone({ kind: 'create', body: { ...observation, subject: to('Patient/p3') } }),
  ],
  [
    'what is created under a key, again for another patient in context',
    ofP1,
    alone({ kind: 'create', body: { ...observation, subject: to('Patient/p1') } }, 'foreign'),
  ],
];

const drawn = fc.sample(randomAskers, { numRuns: askers, seed });

it('random writes of every kind are permitted and refused, each way that they come', () => {
  const met = new Set<string>();
  for (const [n, asker] of fc.sample(randomAskers, { numRuns: 40, seed }).entries()) {
    for (const request of fc.sample(randomRequests, { numRuns: runs, seed: seed + n })) {
      const outcomes = expectedOf(asker, request, initial);
      for (const [index, { kind }] of request.writes.entries()) {
        met.add(`${request.form} ${kind} ${outcomes[index]?.allowed === true}`);
      }
      met.add(request.repeated);
    }
  }
  const kinds = ['create', 'update', 'update-by', 'patch', 'patch-by', 'delete', 'delete-by'];
  const all = ['alone', 'batch', 'transaction'].flatMap((form) =>
    kinds.flatMap((kind) => [`${form} ${kind} true`, `${form} ${kind} false`]),
  );
  expect([...all, 'same', 'foreign'].filter((one) => !met.has(one))).toEqual([]);
});

/**
 * What docs/access.md says of writes, as a plain function (`write-model/may-write.ts`), and what the server does: whether a
 * write is refused, what is stored behind it, and that no answer shows what its reader may not see.
 */
describe.each(databases)('writes are as the model says, on $name', (database) => {
  let world: ModelWorld;

  beforeAll(async () => {
    world = await ModelWorld.start(database);
  });
  afterAll(() => world.close());

  async function partyOf(asker: Asker): Promise<Party> {
    await world.admit(asker);
    // The same account with other rights.
    const patient = asker.kind === 'client' ? null : asker.patient === 'p2' ? 'p3' : 'p2';
    const more: Scope = { ...all(asker.kind === 'client' ? 'system' : 'user'), type: 'Basic', letters: 'r' };
    const other = { ...asker, patient, scopes: [...asker.scopes, more] };
    return {
      asker,
      token: await world.token(asker),
      other: { asker: other, token: await world.token(other) },
    };
  }

  it.each(cases)('%s', async (_text, asker, request) => {
    await compare(world, await partyOf(asker), request);
  });

  it.each(drawn.map((asker, n) => [n, described(asker), asker] as const))(
    `seed ${seed}, asker %i: %s`,
    async (n, _text, asker) => {
      const party = await partyOf(asker);
      await fc.assert(
        fc.asyncProperty(randomRequests, (request) => compare(world, party, request)),
        { numRuns: runs, endOnFailure: true, seed: seed + n },
      );
    },
    600_000,
  );
});
