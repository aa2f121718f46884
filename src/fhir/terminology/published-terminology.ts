import { loadVocabulary } from '../definitions/index.js';
import { CodeSystem } from './code-system.js';
import { valueSetDefinition, type ValueSetDefinition } from './value-set-definition.js';

const codeSystems = new Map<string, CodeSystem>();

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
  return version === null || version === own ? valueSetDefinition(resource) : undefined;
}
