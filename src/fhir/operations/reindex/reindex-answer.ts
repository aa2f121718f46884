import type { IncompleteParameter } from '../../search-parameters/repository-definitions.js';
import type { ReindexJob, SkippedResource } from '../../storage/reindex-jobs.js';

type Part = Readonly<Record<string, unknown>>;

/** Parameters about one job, with resources that it left out. */
export function jobAnswer(job: ReindexJob, skipped: readonly SkippedResource[]): Buffer {
  const named = skipped.map(({ resource, reason }) => ({
    name: 'skippedResource',
    part: [
      { name: 'resource', valueString: resource },
      { name: 'reason', valueString: reason },
    ],
  }));
  return parameters([...parts(job), ...named]);
}

/** Parameters about jobs, the newest first, and the search parameters that searches can't use yet. */
export function jobListAnswer(
  jobs: readonly ReindexJob[],
  incomplete: readonly IncompleteParameter[],
): Buffer {
  return parameters([
    ...incomplete.map(({ type, code }) => ({
      name: 'incomplete',
      part: [
        { name: 'type', valueCode: type },
        { name: 'code', valueCode: code },
      ],
    })),
    ...jobs.map((job) => ({ name: 'job', part: parts(job) })),
  ]);
}

function parts(job: ReindexJob): readonly Part[] {
  const { scope, worked, done, reason } = job;
  const rate = worked > 0 ? Math.round((done * 1000) / worked) : undefined;
  return [
    { name: 'id', valueInteger: job.id },
    { name: 'status', valueCode: job.status },
    ...('types' in scope ? (scope.types ?? []).map((type) => ({ name: 'type', valueCode: type })) : []),
    ...('resources' in scope ? scope.resources.map((one) => ({ name: 'resource', valueString: one })) : []),
    ...('removal' in scope ? [{ name: 'removal', valueBoolean: true }] : []),
    { name: 'origin', valueString: job.origin },
    instant('created', job.created),
    ...(job.started === null ? [] : [instant('started', job.started)]),
    ...(job.finished === null ? [] : [instant('finished', job.finished)]),
    ...(job.total === null ? [] : [{ name: 'total', valueInteger: job.total }]),
    { name: 'done', valueInteger: done },
    { name: 'skipped', valueInteger: job.skipped },
    ...(rate === undefined ? [] : [{ name: 'perSecond', valueInteger: rate }]),
    ...(reason === null ? [] : [{ name: 'reason', valueString: reason }]),
  ];
}

function instant(name: string, time: number): Part {
  return { name, valueInstant: new Date(time).toISOString() };
}

function parameters(parameter: readonly Part[]): Buffer {
  return Buffer.from(JSON.stringify({ resourceType: 'Parameters', parameter }));
}
