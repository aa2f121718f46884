import { Inject, Injectable } from '@nestjs/common';
import { FirekeepError } from '../../../platform/errors/index.js';
import { type Definitions, FHIR_DEFINITIONS } from '../../definitions/index.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { RepositoryDefinitions } from '../../search-parameters/repository-definitions.js';
import {
  REINDEX_JOBS,
  type ReindexJob,
  type ReindexJobs,
  type ReindexScope,
} from '../../storage/reindex-jobs.js';
import type { FhirOperation, OperationCall } from '../fhir-operation.js';
import { invalidParameter } from '../operation-parameters.js';
import { jobAnswer, jobListAnswer } from './reindex-answer.js';

const actions = ['pause', 'resume', 'cancel'] as const;
/** Jobs that a list holds, and skipped resources that a job names. */
const LISTED = 50;

/**
 * Derives the index of stored resources again: of the repository, of types, of one resource. POST starts a job, or
 * changes one that `job` names; GET tells how they are doing. For administrators.
 */
@Injectable()
export class ReindexOperation implements FhirOperation {
  readonly name = 'reindex';
  readonly definition = 'urn:firekeep:operation:reindex';
  readonly affectsState = true;
  readonly isWatched = true;
  readonly parameters = [
    { name: 'job', type: 'integer', documentation: 'Number of a job; without it the newest ones.' },
    {
      ...({ name: 'type', type: 'code', only: 'POST' } as const),
      documentation: 'Resource types, of the whole repository only; none: all. May stand several times.',
    },
    {
      ...({ name: 'action', type: 'code', only: 'POST' } as const),
      documentation: `What becomes of the job: ${actions.join(', ')}.`,
    },
  ];
  readonly forAdministrators = true;
  readonly access = { system: [], type: [], instance: [] } as const;

  constructor(
    @Inject(REINDEX_JOBS) private readonly jobs: ReindexJobs,
    private readonly repositories: RepositoryDefinitions,
    @Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions,
  ) {}

  async execute(call: OperationCall): Promise<InteractionResult> {
    const { parameters, isRead, level } = call;
    if (level !== 'system' && parameters.texts('type').length > 0)
      throw invalidParameter('type', 'is in the address already.');
    const number = parameters.text('job');
    if (number !== undefined) return this.one(call, await this.job(call, number));
    if (isRead) return this.all(call);
    if (parameters.text('action') !== undefined)
      throw invalidParameter('action', 'needs the job that it is about.');
    return this.start(call);
  }

  private async start(call: OperationCall): Promise<InteractionResult> {
    const { repository, base } = call.context.endpoint;
    const scope = this.scopeOf(call);
    const id = await this.jobs.add(repository, scope, call.context.principal.subject);
    const job = await this.job(call, String(id));
    return { status: 202, body: jobAnswer(job, []), contentLocation: `${base}/$reindex?job=${id}` };
  }

  private scopeOf({ type, id, parameters }: OperationCall): ReindexScope {
    if (type !== undefined && id !== undefined) return { resources: [`${type}/${id}`] };
    const types = type === undefined ? parameters.texts('type') : [type];
    for (const name of types) {
      if (!this.definitions.isResourceType(name)) {
        throw invalidParameter('type', `names "${name.slice(0, 64)}", which is no resource type of FHIR R4.`);
      }
    }
    return { types: types.length === 0 ? null : [...new Set(types)].sort() };
  }

  private async one(call: OperationCall, job: ReindexJob): Promise<InteractionResult> {
    const action = call.isRead ? undefined : call.parameters.text('action');
    const known = actions.find((one) => one === action);
    if (action !== undefined && known === undefined) {
      throw invalidParameter('action', `must be one of ${actions.join(', ')}.`);
    }
    if (known !== undefined && !(await this.jobs[known](job.id))) {
      throw new FirekeepError(
        'conflict',
        'FHIR_REINDEX_STATE',
        `The re-index job ${job.id} can't ${known}: it is ${job.status}.`,
      );
    }
    const current = known === undefined ? job : await this.job(call, String(job.id));
    return { status: 200, body: jobAnswer(current, await this.jobs.skipped(job.id, LISTED)) };
  }

  private async all({ context }: OperationCall): Promise<InteractionResult> {
    const { repository } = context.endpoint;
    await this.repositories.refresh();
    const jobs = await this.jobs.list(repository, LISTED);
    return { status: 200, body: jobListAnswer(jobs, this.repositories.incomplete(repository)) };
  }

  /** A job of the repository, or of all. */
  private async job({ context }: OperationCall, number: string): Promise<ReindexJob> {
    const job = /^\d{1,9}$/.test(number) ? await this.jobs.find(Number(number)) : undefined;
    if (
      job !== undefined &&
      (job.repository ?? context.endpoint.repository) === context.endpoint.repository
    ) {
      return job;
    }
    throw new FirekeepError(
      'not-found',
      'FHIR_REINDEX_UNKNOWN_JOB',
      `There is no re-index job "${number.slice(0, 20)}" of this repository.`,
    );
  }
}
