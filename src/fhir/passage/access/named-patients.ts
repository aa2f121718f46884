import { loadDefinitions, type Definitions } from '../../definitions/index.js';
import { findLinks, LinkUrls } from '../../format/links.js';
import { parseReference, participations } from '../../search/extraction/index.js';
import { valuesOfCode } from '../../search/derived-values.js';
import type { ParameterValues, ReferenceValue } from '../../search/index-values.js';

/** A resource as it is stored, or would be. */
export interface ResourceImage {
  readonly type: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly values: readonly ParameterValues[];
  /** UTF-8 JSON text. */
  readonly content: Buffer;
}

/** The patients that a resource names, by their ids in the repository. */
export interface NamedPatients {
  /** Whom it is about: itself, or its subject and patient. */
  readonly about: ReadonlySet<string>;
  /** It is about something else, or it can't be told. */
  readonly isAboutOther: boolean;
  /** All of them. */
  readonly all: ReadonlySet<string>;
  /** It names somebody who is a patient elsewhere, or may be one. */
  readonly namesUnknown: boolean;
}

/** Parameters that say whom a resource is about. */
const aboutCodes: readonly string[] = ['subject', 'patient'];
/** A text that names a Patient, wherever. */
const namesPatient = /(?:^|[/|])Patient(?:[/?|]|$)/;
const noUrls = new LinkUrls([]);

/** Source: docs/access.md, which patients a write may name. */
export function namedPatients(
  { type, id, values, content }: ResourceImage,
  { definitions, bases }: { readonly definitions: Definitions; readonly bases: readonly string[] },
): NamedPatients {
  const about = new Set(type === 'Patient' ? [id] : []);
  let isAboutOther = false;
  for (const code of aboutCodes) {
    for (const value of referencesOf(values, code)) {
      if (value.targetType === 'Patient' && value.targetId !== null) about.add(value.targetId);
      else isAboutOther = true;
    }
  }
  const all = new Set(about);
  const codes = loadDefinitions().compartments.get('Patient')?.get(type) ?? [];
  let namesUnknown = codes.some((code) => referencesOf(values, code).some(mayBePatient));
  for (const { kind, value } of findLinks(content, type, definitions, noUrls)) {
    if (kind !== 'reference') continue;
    const target = parseReference(value, definitions, { bases });
    if (target?.targetType === 'Patient' && target.targetId !== null) all.add(target.targetId);
    else if (target?.targetType == null && namesPatient.test(value)) namesUnknown = true;
  }
  return { about, isAboutOther, all, namesUnknown };
}

/** Of references that lead to no Patient of the repository. */
function mayBePatient({ targetType, statedType }: ReferenceValue): boolean {
  if (targetType !== null) return targetType === 'Group';
  return statedType === null || statedType === 'Patient' || statedType === 'Group';
}

function referencesOf(values: readonly ParameterValues[], code: string): readonly ReferenceValue[] {
  return valuesOfCode(values, code).filter((value) => value.type === 'reference');
}

/** Whether somebody is a participant of a patient by the second image who is not by the first, or for longer. */
export function assignsPatients(
  before: readonly ParameterValues[],
  after: readonly ParameterValues[],
): boolean {
  const had = participationsOf(before);
  return participationsOf(after).some(
    ({ key, low, high }) => !had.some((one) => one.key === key && one.low <= low && one.high >= high),
  );
}

interface Participation {
  /** Who and of which patient. */
  readonly key: string;
  readonly low: number;
  readonly high: number;
}

function participationsOf(values: readonly ParameterValues[]): readonly Participation[] {
  const patients = referencesOf(values, 'patient').flatMap(({ targetType, targetId }) =>
    targetType === 'Patient' && targetId !== null ? [targetId] : [],
  );
  return valuesOfCode(values, participations).flatMap((value): Participation[] => {
    if (value.type !== 'composite') return [];
    const [member, time] = value.components;
    if (member?.type !== 'reference' || time?.type !== 'date') return [];
    const who = `${member.targetType ?? ''}/${member.targetId ?? ''}`;
    return patients.map((patient) => ({ key: `${who} ${patient}`, low: time.low, high: time.high }));
  });
}
