import { FirekeepError } from '../../platform/errors/index.js';
import { loadVocabulary } from '../definitions/index.js';
import type { CodeSet } from './code-set.js';
import { CodeSystem } from './code-system.js';
import { expandValueSet, type TerminologySource } from './expansion.js';
import { unknownCodeSystem } from './terminology-errors.js';
import { valueSetDefinition, type ValueSetDefinition } from './value-set-definition.js';

const codeSystems = new Map<string, CodeSystem>();
const expansions = new Map<string, Promise<CodeSet | undefined>>();
/** The version by which the definitions of the release name all of its value sets, whatever their own is. */
const RELEASE = '4.0.1';

/** A code system of FHIR R4, with all of its codes or not. */
export function publishedCodeSystem(url: string): CodeSystem | undefined {
  const known = codeSystems.get(url);
  if (known !== undefined) return known;
  const system = CodeSystem.from(loadVocabulary().codeSystem(url));
  if (system !== undefined) codeSystems.set(url, system);
  return system;
}

/** @param version null: any */
export function publishedValueSet(url: string, version: string | null): ValueSetDefinition | undefined {
  const resource = loadVocabulary().valueSet(url);
  if (resource === undefined) return undefined;
  const own = 'version' in resource ? resource.version : undefined;
  const isMeant = version === null || version === own || version === RELEASE;
  return isMeant ? valueSetDefinition(resource) : undefined;
}

/**
 * The codes of a value set of FHIR R4 all of whose code systems are published with it, so that nothing that is stored
 * changes them; worked out once. Undefined for any other.
 *
 * @param version null: any
 */
export function publishedExpansion(url: string, version: string | null): Promise<CodeSet | undefined> {
  if (publishedValueSet(url, version) === undefined) return Promise.resolve(undefined);
  let expansion = expansions.get(url);
  if (expansion === undefined) {
    expansion = expandValueSet(url, publishedAlone).catch((error: unknown) => {
      if (error instanceof FirekeepError) return undefined;
      throw error;
    });
    expansions.set(url, expansion);
  }
  return expansion;
}

const publishedAlone: TerminologySource = {
  patternSteps: Infinity,
  valueSet: (reference) => {
    const [url = '', version = null] = reference.split('|');
    return Promise.resolve(publishedValueSet(url, version));
  },
  codeSystem: (url, version) => {
    const system = publishedCodeSystem(url);
    const isMeant = version === null || version === system?.version;
    return system?.isComplete === true && isMeant
      ? Promise.resolve(system)
      : Promise.reject(unknownCodeSystem(url));
  },
};
