import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../../platform/config/index.js';
import { type Definitions, FHIR_DEFINITIONS } from '../../definitions/index.js';
import { parseResource, type JsonObject } from '../../format/parsed-resource.js';
import { readResourceText } from '../../format/resource-text.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { deletedResource, unknownResource } from '../../exchange/interaction-errors.js';
import { outcomeIssue, ResourceValidation } from '../../exchange/resource-validation.js';
import { operationOutcome, type OutcomeIssue } from '../../outcome/operation-outcome.js';
import { Passage } from '../../passage/passage.js';
import type { StoredResource } from '../../storage/ports.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { invalidParameter } from '../operation-parameters.js';
import { ProfileCatalogue } from './profile-catalogue.js';
import { profileIssues, wantedProfiles } from './profile-issues.js';

const modes = ['create', 'update', 'delete', 'profile'] as const;
type Mode = (typeof modes)[number];

/**
 * Tells whether a resource could be stored, changed or deleted, without doing it. The answer is an
 * OperationOutcome with status 200, whatever it finds.
 *
 * @see https://hl7.org/fhir/R4/resource-operation-validate.html
 */
@Injectable()
export class ValidateOperation implements FhirOperation {
  readonly name = 'validate';
  readonly definition = 'http://hl7.org/fhir/OperationDefinition/Resource-validate';
  readonly affectsState = false;
  readonly returns = 'OperationOutcome';
  readonly parameters = [
    {
      name: 'resource',
      type: 'Resource',
      documentation: 'What is validated; on an instance what is stored by default.',
    },
    { name: 'mode', type: 'code', documentation: `What is intended: ${modes.join(', ')}.` },
    { name: 'profile', type: 'uri', documentation: 'Canonical of a profile to validate against.' },
  ];
  /** On a type it tells nothing of what is stored; on an instance it does. */
  readonly access = { type: ['create'], instance: ['read'] } as const;

  constructor(
    private readonly validation: ResourceValidation,
    private readonly passage: Passage,
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
    private readonly catalogue: ProfileCatalogue,
    private readonly settings: Settings,
  ) {}

  execute(call: OperationCall): Promise<InteractionResult> {
    const { context, type, id } = call;
    const mode = modeOf(call);
    if (type === undefined || id === undefined) return this.outcome(call, mode, undefined);
    return this.passage.read(context, { interaction: 'read', type, id }, async (store) =>
      this.outcome(call, mode, await store.read(context.endpoint.repository, type, id)),
    );
  }

  private async outcome(
    call: OperationCall,
    mode: Mode | undefined,
    stored: StoredResource | undefined,
  ): Promise<InteractionResult> {
    const found =
      mode === 'delete' ? deletionIssues(call, stored) : await this.contentIssues(call, mode, stored);
    const issues = found.length === 0 ? [nothingFound] : found;
    return { status: 200, body: Buffer.from(operationOutcome(issues)) };
  }

  private async contentIssues(
    call: OperationCall,
    mode: Mode | undefined,
    stored: StoredResource | undefined,
  ): Promise<readonly OutcomeIssue[]> {
    const { type = '', id, parameters } = call;
    const { text, place } = parameters.resource('resource') ?? storedContent(call, stored);
    const resource = readResourceText(text, place);
    const parsed = parseResource(resource);
    const at = place === '' ? resource.type : place;
    const issues: OutcomeIssue[] = [];
    if (resource.type !== type) {
      issues.push(
        error(
          'invalid',
          `The address is for ${type}, but the resource is of type ${resource.type.slice(0, 64)}.`,
          at,
        ),
      );
    }
    if (mode === 'update') issues.push(...this.updateIssues(call, resource.id, stored, at));
    else if (mode === 'create' && stored?.deleted === false) {
      issues.push(
        error('duplicate', `${type}/${id ?? ''} exists already; a create would get another id.`, at),
      );
    }
    const ofType = this.validation.validate(parsed, place).map(outcomeIssue);
    issues.push(...ofType, ...(await this.profiles(call, parsed.object, ofType, at)));
    return issues;
  }

  /** What profiles add to what the definition of the type has found. */
  private async profiles(
    { context, parameters }: OperationCall,
    resource: JsonObject,
    found: readonly OutcomeIssue[],
    at: string,
  ): Promise<readonly OutcomeIssue[]> {
    if (!this.definitions.isResourceType(String(resource.resourceType))) return [];
    const wanted = wantedProfiles(resource, parameters.text('profile'));
    const canonicals = [...(wanted.asked === undefined ? [] : [wanted.asked]), ...wanted.claimed];
    const loaded = await this.catalogue.load(context, canonicals);
    const known = new Set(found.map(({ code, expression }) => `${code} ${expression ?? ''}`));
    const steps = this.settings.get('profileSteps');
    return profileIssues(this.definitions, loaded, resource, wanted, at, steps).filter(
      ({ severity, code, expression }) => severity !== 'error' || !known.has(`${code} ${expression ?? ''}`),
    );
  }

  private updateIssues(
    { type, id = '' }: OperationCall,
    bodyId: string | undefined,
    stored: StoredResource | undefined,
    at: string,
  ): readonly OutcomeIssue[] {
    const issues: OutcomeIssue[] = [];
    if (bodyId !== id) {
      const has = bodyId === undefined ? 'no id' : `the id "${bodyId.slice(0, 64)}"`;
      issues.push(
        error(
          'value',
          `The resource has ${has}; an update needs the id of the address, "${id}".`,
          `${at}.id`,
        ),
      );
    }
    if (stored === undefined && !this.settings.get('updateCreate')) {
      issues.push(
        error('not-found', `${type ?? ''}/${id} is not known, and clients may not choose ids here.`, at),
      );
    }
    return issues;
  }
}

function modeOf({ parameters, level }: OperationCall): Mode | undefined {
  const text = parameters.text('mode');
  if (text === undefined) return undefined;
  const mode = modes.find((known) => known === text);
  if (mode === undefined) throw invalidParameter('mode', `must be one of ${modes.join(', ')}.`);
  if (level === 'type' && (mode === 'update' || mode === 'delete')) {
    throw invalidParameter('mode', `can be ${mode} only where the address has an id.`);
  }
  return mode;
}

/** Without a resource in the request, the one that is stored is meant. */
function storedContent(
  { type = '', id }: OperationCall,
  stored: StoredResource | undefined,
): { readonly text: Buffer; readonly place: string } {
  if (id === undefined)
    throw invalidParameter('resource', 'is missing: send the resource that is to be validated.');
  if (stored === undefined) throw unknownResource(type, id);
  if (stored.deleted) throw deletedResource(type, id);
  return { text: stored.content, place: '' };
}

function deletionIssues(
  { type = '', id = '' }: OperationCall,
  stored: StoredResource | undefined,
): readonly OutcomeIssue[] {
  if (stored === undefined)
    return [error('not-found', `${type}/${id} is not known, so there is nothing to delete.`)];
  return stored.deleted ? [error('deleted', `${type}/${id} was deleted already.`)] : [];
}

function error(code: OutcomeIssue['code'], text: string, expression?: string): OutcomeIssue {
  return { severity: 'error', code, text, ...(expression === undefined ? {} : { expression }) };
}

const nothingFound: OutcomeIssue = {
  severity: 'information',
  code: 'informational',
  text: 'Nothing was found.',
};
