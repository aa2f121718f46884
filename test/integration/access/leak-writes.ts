import fc from 'fast-check';
import { resources } from './leak-resources.js';
import { identity, joined, observationParameters, patient, type, type TestRequest } from './leak-searches.js';

const observation = fc
  .record({
    subject: patient.map((id) => `Patient/${id}`),
    category: fc.constantFrom('laboratory', 'vital-signs'),
    id: fc.constantFrom('o-a-0', 'o-b-0', 'o-c-1', 'new-1'),
  })
  .map(({ subject, category, id }) => ({
    resourceType: 'Observation',
    id,
    status: 'amended',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
    subject: { reference: subject },
  }));
export const withoutId = observation.map(({ id: _id, ...rest }) => rest);
/** Ids of Observations that no other request deletes. */
const kept = fc.constantFrom('o-a-2', 'o-b-0', 'o-b-3', 'o-c-0', 'nobody');
const etag = fc.constantFrom('W/"1"', 'W/"2"');
const jsonPatch = { 'content-type': 'application/json-patch+json' };

/** Makes a resource another patient's, in each of the ways to patch. */
function patches(
  element: string,
  subject: string,
  of: string,
): readonly Pick<TestRequest, 'body' | 'headers'>[] {
  const reference = { reference: `Patient/${subject}` };
  const value = of === 'Patient' ? { other: reference, type: 'seealso' } : reference;
  const path = of === 'Patient' ? `${element}[0]` : element;
  const pointer = of === 'Patient' ? `/${element}/0` : `/${element}`;
  const replaced = of === 'Patient' ? `${path}.other` : path;
  const part = [
    { name: 'type', valueCode: 'replace' },
    { name: 'path', valueString: `${of}.${replaced}` },
    { name: 'value', valueReference: reference },
  ];
  return [
    { headers: jsonPatch, body: JSON.stringify([{ op: 'replace', path: pointer, value }]) },
    { body: { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] } },
  ];
}

const ofObservations: fc.Arbitrary<TestRequest> = fc.oneof(
  withoutId.map((body) => ({ method: 'POST' as const, url: 'Observation', body })),
  fc.tuple(withoutId, fc.constantFrom('key-1', 'key-2')).map(([body, key]) => ({
    ...{ method: 'POST' as const, url: 'Observation', body },
    headers: { 'idempotency-key': key },
  })),
  fc
    .tuple(withoutId, fc.constantFrom('minimal', 'representation', 'OperationOutcome'))
    .map(([body, form]) => ({
      ...{ method: 'POST' as const, url: 'Observation', body },
      headers: { prefer: `return=${form}` },
    })),
  fc
    .tuple(withoutId, fc.array(observationParameters, { minLength: 1, maxLength: 2 }))
    .map(([body, criteria]) => ({
      ...{ method: 'POST' as const, url: 'Observation', body },
      headers: { 'if-none-exist': joined(criteria) },
    })),
  observation.map((body) => ({ method: 'PUT' as const, url: `Observation/${body.id}`, body })),
  fc.tuple(observation, fc.constantFrom('if-match', 'if-none-match'), etag).map(([body, header, tag]) => ({
    ...{ method: 'PUT' as const, url: `Observation/${body.id}`, body },
    headers: { [header]: tag },
  })),
  observation.map((body) => ({
    ...{ method: 'PUT' as const, url: `Observation/${body.id}`, body },
    headers: { 'if-none-match': '*' },
  })),
  fc.tuple(observation, fc.boolean(), observationParameters).map(([{ id, ...body }, named, criterion]) => ({
    ...{ method: 'PUT' as const, url: `Observation?${criterion}`, body: named ? { ...body, id } : body },
  })),
  fc.constantFrom('o-a-1', 'o-b-2', 'o-c-3', 'o-dora-1', 'nobody').map((id) => ({
    ...{ method: 'DELETE' as const, url: `Observation/${id}` },
  })),
  fc.tuple(fc.constantFrom('o-a-1', 'o-b-2', 'nobody'), etag).map(([id, tag]) => ({
    ...{ method: 'DELETE' as const, url: `Observation/${id}`, headers: { 'if-match': tag } },
  })),
  fc.array(observationParameters, { minLength: 2, maxLength: 3 }).map((criteria) => ({
    ...{ method: 'DELETE' as const, url: `Observation?${joined(criteria)}` },
  })),
  fc.tuple(kept, patient, fc.nat(1)).map(([id, subject, form]) => ({
    ...{ method: 'PATCH' as const, url: `Observation/${id}` },
    ...patches('subject', subject, 'Observation')[form],
  })),
  fc
    .tuple(fc.array(observationParameters, { minLength: 1, maxLength: 2 }), patient, fc.nat(1))
    .map(([criteria, subject, form]) => ({
      ...{ method: 'PATCH' as const, url: `Observation?${joined(criteria)}` },
      ...patches('subject', subject, 'Observation')[form],
    })),
  fc.tuple(type, fc.constantFrom('a', 'org', 'x', 'e-b')).map(([name, id]) => ({
    ...{ method: 'DELETE' as const, url: `${name}/${id}` },
  })),
);

/** Where a resource names its patient. */
const patientElements: Readonly<Record<string, string>> = {
  ...{ Patient: 'link', RelatedPerson: 'patient', Encounter: 'subject' },
  ...{ Condition: 'subject', CareTeam: 'subject', List: 'subject' },
};
export const writableTypes = Object.keys(patientElements);

function ofOthers(types: readonly string[]): fc.Arbitrary<TestRequest> {
  const some = resources.filter(({ resourceType }) => types.includes(resourceType));
  return fc
    .record({
      resource: fc.constantFrom(...some),
      subject: patient,
      how: fc.constantFrom('POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'DELETE'),
      form: fc.nat(1),
    })
    .map(({ resource, subject, how, form }): TestRequest => {
      const { resourceType, id, ...rest } = resource;
      const element = patientElements[resourceType] ?? '';
      const url = `${resourceType}/${id}`;
      const reference = { reference: `Patient/${subject}` };
      const moved = {
        ...rest,
        [element]: resourceType === 'Patient' ? [{ other: reference, type: 'seealso' }] : reference,
      };
      if (how === 'DELETE') return { method: how, url };
      if (how === 'PATCH') return { method: how, url, ...patches(element, subject, resourceType)[form] };
      if (how === 'POST') return { method: how, url: resourceType, body: { resourceType, ...moved } };
      return { method: 'PUT', url, body: { resourceType, id, ...moved } };
    });
}

/** @param types types that are written to beside Observation; the rights of others must not depend on them */
export function writes(types: readonly string[]): fc.Arbitrary<TestRequest> {
  return types.length === 0
    ? ofObservations
    : fc.oneof(
        { weight: 3, arbitrary: ofObservations },
        { weight: 1, arbitrary: ofOthers(types.filter((name) => name in patientElements)) },
      );
}

const parameters = (name: string, code: string) => ({
  resourceType: 'Parameters',
  parameter: [{ name, valueMeta: { tag: [{ system: 'urn:tags', code }] } }],
});
/** Whole records, by every way to ask for less. */
const records: fc.Arbitrary<TestRequest> = fc
  .tuple(
    fc.oneof(
      patient.map((id) => `Patient/${id}`),
      patient.map((id) => `Encounter/e-${id}`),
    ),
    fc.constantFrom(
      ...['', '_count=3', '_type=Observation,Condition', '_type=Practitioner,Location', '_type=Patient'],
      ...['_since=2020-01-01T00:00:00Z', '_format=xml', '_type=Device&_count=2', '_count=1&_type=List'],
    ),
    fc.constantFrom('', 'start=2020-03', 'start=2020-02-11&end=2020-05'),
  )
  .map(([at, shape, span]) => {
    const parts = at.startsWith('Patient') ? [shape, span] : [shape];
    return { method: 'GET', url: `${at}/$everything?${joined(parts)}` };
  });

const latest: fc.Arbitrary<TestRequest> = fc
  .tuple(
    fc.oneof(observationParameters, fc.constant('category=laboratory')),
    patient.chain((id) =>
      fc.constantFrom(`patient=${id}`, `subject=Patient/${id}`, `subject:Patient.active=true`),
    ),
    fc.constantFrom('category:not=social-history', 'code=718-7,8867-4'),
    fc.constantFrom('', 'max=2', 'max=9', 'max=2&_count=2'),
  )
  .map((parts) => ({ method: 'GET', url: `Observation/$lastn?${joined(parts)}` }));

const documents: fc.Arbitrary<TestRequest> = fc
  .tuple(patient, fc.constantFrom('GET' as const, 'POST' as const))
  .map(([id, method]) =>
    method === 'GET'
      ? { method, url: `Composition/k-${id}/$document` }
      : {
          ...{ method, url: 'Composition/$document' },
          body: { resourceType: 'Parameters', parameter: [{ name: 'id', valueUri: `Composition/k-${id}` }] },
        },
  );

export const operations: fc.Arbitrary<TestRequest> = fc.oneof(
  records,
  records,
  latest,
  documents,
  fc
    .tuple(identity, fc.constantFrom('$meta-add', '$meta-delete'), fc.constantFrom('one', 'two'))
    .map(([at, operation, code]) => ({
      ...{ method: 'POST' as const, url: `${at}/${operation}`, body: parameters('meta', code) },
    })),
  fc.tuple(withoutId, identity, fc.constantFrom('create', 'update', 'delete')).map(([body, at, mode]) => ({
    ...{ method: 'POST' as const, url: `${at}/$validate?mode=${mode}` },
    body,
  })),
  fc
    .tuple(
      withoutId,
      fc.constantFrom('http://hl7.org/fhir/StructureDefinition/vitalsigns', 'urn:profile:own'),
    )
    .map(([body, profile]) => ({
      ...{ method: 'POST' as const, url: `Observation/$validate?profile=${encodeURIComponent(profile)}` },
      body,
    })),
  withoutId.map((body) => ({ method: 'POST' as const, url: 'Observation/$validate', body })),
  identity.map((at) => ({ method: 'GET' as const, url: `${at}/$validate?mode=delete` })),
  type.map((name) => ({ method: 'GET' as const, url: `${name}/$meta` })),
  fc.constant({ method: 'GET' as const, url: '$meta' }),
  fc.constantFrom('$reindex', 'Observation/$reindex', 'Observation/o-a-0/$reindex').map((url) => ({
    ...{ method: 'POST' as const, url },
  })),
);

/** A resource that finds its patient by criteria, or by an entry of the same Bundle. */
export const linkedEntries = fc
  .tuple(
    withoutId,
    fc.constantFrom(
      ...['Patient?identifier=urn:mrn|m-a', 'Patient?identifier=urn:mrn|m-b', 'Patient?family=Familydora'],
      ...['Patient?name=kim', 'Patient?_id=c', 'Patient?organization.name=Clinic&birthdate=1951-01-02'],
      ...['Encounter?patient=b', 'Patient?_has:Encounter:patient:participant=Practitioner/x'],
    ),
    fc.nat(3),
  )
  .map(([body, criteria, n]) => {
    const of = criteria.startsWith('Patient') ? 'subject' : 'encounter';
    return {
      fullUrl: `urn:uuid:00000000-0000-4000-8000-00000000000${n}`,
      resource: { ...body, [of]: { reference: criteria } },
      request: { method: 'POST', url: 'Observation' },
    };
  });
