export const reindexStatuses = ['queued', 'running', 'paused', 'done', 'cancelled', 'failed'] as const;
export type ReindexStatus = (typeof reindexStatuses)[number];

/** What a job derives again, or removes. */
export type ReindexScope =
  /** Every resource of these types; null: of all types. */
  | { readonly types: readonly string[] | null }
  /** `Patient/17` */
  | { readonly resources: readonly string[] }
  /** The index rows of search parameters that are no longer defined. */
  | { readonly removal: true };

/** A job that derives the index of stored resources again. Times in milliseconds since the epoch. */
export interface ReindexJob {
  readonly id: number;
  /** Null: every repository. */
  readonly repository: string | null;
  readonly scope: ReindexScope;
  /** Who asked for it: a name, `search-parameter`, `migration`. */
  readonly origin: string;
  readonly status: ReindexStatus;
  readonly created: number;
  readonly started: number | null;
  readonly finished: number | null;
  /** Milliseconds that were worked on it. */
  readonly worked: number;
  /** Resources, or rows of a removal; null: not counted yet. */
  readonly total: number | null;
  readonly done: number;
  /** Resources whose index could not be derived; they are left as they are. */
  readonly skipped: number;
  /** Why it failed. */
  readonly reason: string | null;
}

/** A resource that a job left as it is. */
export interface SkippedResource {
  /** `Patient/17` */
  readonly resource: string;
  readonly reason: string;
}

/** The jobs, as whoever watches and steers them sees them. */
export interface ReindexJobs {
  /** Queues a job. @returns its number */
  add(repository: string | null, scope: ReindexScope, origin: string): Promise<number>;
  find(id: number): Promise<ReindexJob | undefined>;
  /** The newest first. @param repository jobs of that one and of all; undefined: every job */
  list(repository: string | undefined, limit: number): Promise<readonly ReindexJob[]>;
  skipped(id: number, limit: number): Promise<readonly SkippedResource[]>;
  /** @returns false where the job is in no state for it */
  pause(id: number): Promise<boolean>;
  /** Also puts a failed or cancelled job back where it stopped. */
  resume(id: number): Promise<boolean>;
  cancel(id: number): Promise<boolean>;
}

/** Injection token of the ReindexJobs. */
export const REINDEX_JOBS = Symbol('ReindexJobs');

/** A part of a job: the resources of one type. */
export interface ReindexRange {
  readonly repository: string;
  readonly type: string;
}

/** A job that this process works on. */
export interface ClaimedJob extends ReindexJob {
  /** Version of the definitions when it began; 0: it has not begun. */
  readonly definitions: number;
  readonly ranges: readonly ReindexRange[];
  /** The range under way, and the number of the resource behind which it goes on. */
  readonly range: number;
  readonly behind: number;
}

export interface ReindexProgress {
  readonly range: number;
  readonly behind: number;
  readonly done: number;
  readonly worked: number;
}

export interface BatchResource {
  readonly rid: number;
  readonly id: string;
  readonly bytes: number;
}

/** What the process that works on a job needs of the database. A job belongs to one owner while its lease lasts. */
export interface ReindexWork {
  /** Takes the oldest job that nobody works on, unless another is being worked on. */
  claim(owner: string): Promise<ClaimedJob | undefined>;
  /** Counts what is to be done. @returns the job, begun */
  begin(job: ClaimedJob, definitions: number): Promise<ClaimedJob>;
  /** The next resources of a range, at most `limit`, bounded in bytes too. */
  batch(range: ReindexRange, behind: number, limit: number): Promise<readonly BatchResource[]>;
  skip(job: ClaimedJob, rid: number, skipped: SkippedResource): Promise<void>;
  /** @returns false where the job was paused or cancelled, or belongs to another owner by now */
  progress(job: ClaimedJob, owner: string, progress: ReindexProgress): Promise<boolean>;
  /** Ends the job; parameters of its types that it covers are complete from now on. */
  finish(job: ClaimedJob, owner: string, progress: ReindexProgress): Promise<void>;
  fail(job: ClaimedJob, owner: string, reason: string): Promise<void>;
  /** Lets another process take the job at once. */
  release(job: ClaimedJob, owner: string): Promise<void>;
  /** Removes some index rows of a repository's removed parameters, at most `limit`. @returns how many; 0: none is left */
  removeRows(repository: string, limit: number): Promise<number>;
}

/** Injection token of the ReindexWork. */
export const REINDEX_WORK = Symbol('ReindexWork');
