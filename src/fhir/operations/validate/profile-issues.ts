import { BudgetExceeded, StepBudget } from '../../budgets/index.js';
import type { Definitions } from '../../definitions/index.js';
import type { JsonObject } from '../../format/parsed-resource.js';
import type { OutcomeIssue } from '../../outcome/operation-outcome.js';
import { outcomeIssue } from '../../exchange/resource-validation.js';
import { baseTypeOf, checkResourceProfile, Findings } from '../../validation/profiles/index.js';
import type { LoadedProfiles } from './profile-catalogue.js';

/** Most profiles that a resource claims and that are looked at. */
const maximumClaims = 20;

/** The profile that is asked for, and those that the resource claims to meet. */
export interface WantedProfiles {
  readonly asked: string | undefined;
  readonly claimed: readonly string[];
}

export function wantedProfiles({ meta }: JsonObject, asked: string | undefined): WantedProfiles {
  const profiles = typeof meta === 'object' && meta !== null ? (meta as JsonObject).profile : undefined;
  const claimed = Array.isArray(profiles)
    ? profiles.filter((profile): profile is string => typeof profile === 'string' && profile !== asked)
    : [];
  return { asked, claimed };
}

/**
 * What the profiles say about a resource that is right by its type's own definition.
 *
 * @param at FHIRPath of the resource
 * @param steps what the checks may take: `FIREKEEP_PROFILE_STEPS`
 */
export function profileIssues(
  definitions: Definitions,
  loaded: LoadedProfiles,
  resource: JsonObject,
  { asked, claimed }: WantedProfiles,
  at: string,
  steps: number,
): readonly OutcomeIssue[] {
  const findings = new Findings();
  const world = { definitions, source: loaded, findings, steps: new StepBudget(steps) };
  const check = (canonical: string, unknown: 'error' | 'information', place: string): void => {
    const base = baseTypeOf(definitions, canonical);
    if (base !== undefined) {
      requireType(definitions, findings, base, String(resource.resourceType), at);
      return;
    }
    const profile = loaded.profile(canonical);
    if (profile !== undefined) checkResourceProfile(world, profile, resource, at);
    else {
      const text = `The resource was not validated against the profile "${canonical.slice(0, 200)}", only against FHIR R4 itself: ${loaded.reason(canonical)}.`;
      findings.add(unknown, 'not-supported', place, text);
    }
  };
  const claims = `${at}.meta.profile`;
  try {
    if (asked !== undefined) check(asked, 'error', at);
    for (const canonical of claimed.slice(0, maximumClaims)) check(canonical, 'information', claims);
  } catch (thrown) {
    if (!(thrown instanceof BudgetExceeded)) throw thrown;
    findings.error('too-costly', at, tooCostly(steps));
  }
  if (claimed.length > maximumClaims) {
    findings.undecided(
      claims,
      `Only the first ${maximumClaims} profiles that the resource claims were looked at.`,
    );
  }
  return findings.issues.map(outcomeIssue);
}

function tooCostly(steps: number): string {
  return (
    `The profiles ask for more than ${steps} steps, so the resource was not validated against all that they say. ` +
    'Validate it against fewer profiles, or a part of it; FIREKEEP_PROFILE_STEPS allows more.'
  );
}

function requireType(
  definitions: Definitions,
  findings: Findings,
  base: string,
  type: string,
  at: string,
): void {
  for (let known: string | null = type; known !== null; known = definitions.type(known)?.base ?? null) {
    if (known === base) return;
  }
  findings.error(
    'invalid',
    at,
    `The profile is for ${base}, but the resource is of type ${type.slice(0, 64)}.`,
  );
}
