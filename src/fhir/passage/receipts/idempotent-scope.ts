import { receiptLifetime } from '../../storage/receipt-purge.job.js';
import type { StoreReader } from '../../storage/ports.js';
import type { RequestScope, ScopedReceipt } from '../../storage/request-scope.js';
import { inParallel } from '../../exchange/in-parallel.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { partOf, type RequestDigests } from './idempotent-request.js';

/** Bodies read at once for an answer that is given again. */
const parallelReads = 16;

/** A result without its body, which the version that it tells of has; one that tells of none keeps it as text. */
type KeptResult = Omit<InteractionResult, 'body'> & { readonly hasBody: boolean; readonly text?: string };
/** What a unit answers: one result, or those of the entries of a transaction by their index. */
type KeptAnswer =
  { readonly one: KeptResult } | { readonly entries: readonly (readonly [number, KeptResult])[] };

/**
 * The scope of a request with an Idempotency-Key. Each of its writes leaves a receipt, committed with it: which
 * versions it made, and what it was answered. Bodies are not kept twice.
 */
export class IdempotentScope implements RequestScope {
  /** Done so far: a write that failed may be tried again, as the same one. */
  private writes = 0;

  /**
   * @param needsBodies whether an answer that is given again shows the resources
   */
  constructor(
    readonly deadline: number,
    private readonly digests: RequestDigests,
    private readonly needsBodies: boolean,
  ) {}

  ofEntry(index: number): RequestScope {
    const { deadline, needsBodies } = this;
    const { key, request } = this.digests;
    return new IdempotentScope(deadline, { key: partOf(key, `entry ${index}`), request }, needsBodies);
  }

  sameReceipt(): void {
    this.writes--;
  }

  nextReceipt<R>({ repository }: { readonly repository: string }): ScopedReceipt<R> {
    const key = partOf(this.digests.key, `write ${this.writes}`);
    return {
      receipt: {
        key,
        request: this.digests.request,
        lifetime: receiptLifetime,
        encode: (result) => JSON.stringify(keptAnswer(result)),
        decode: (text) => answerOf(JSON.parse(text) as KeptAnswer) as R,
      },
      settled: () => {
        this.writes += 1;
      },
      complete: async (result, store) =>
        (this.needsBodies ? await withBodies(result, repository, store) : result) as R,
    };
  }
}

function keptAnswer(result: unknown): KeptAnswer {
  if (!(result instanceof Map)) return { one: kept(result as InteractionResult) };
  const entries = [...(result as Map<number, InteractionResult>)];
  return { entries: entries.map(([index, one]) => [index, kept(one)] as const) };
}

function kept({ body, ...rest }: InteractionResult): KeptResult {
  const hasBody = body !== undefined;
  return { ...rest, hasBody, ...(hasBody && rest.version === undefined ? { text: body.toString() } : {}) };
}

function answerOf(answer: KeptAnswer): KeptResult | ReadonlyMap<number, KeptResult> {
  return 'one' in answer ? answer.one : new Map(answer.entries);
}

/** The results with the bodies of the versions that they tell of. */
async function withBodies(
  result: unknown,
  repository: string,
  store: Pick<StoreReader, 'readVersion'>,
): Promise<unknown> {
  if (!(result instanceof Map)) return withBody(result as KeptResult, repository, store);
  const entries = [...(result as Map<number, KeptResult>)];
  const completed = await inParallel(entries, parallelReads, async ([index, one]) => {
    return [index, await withBody(one, repository, store)] as const;
  });
  return new Map(completed);
}

async function withBody(
  { hasBody, text, ...result }: KeptResult,
  repository: string,
  store: Pick<StoreReader, 'readVersion'>,
): Promise<InteractionResult> {
  if (text !== undefined) return { ...result, body: Buffer.from(text) };
  const { version } = result;
  if (!hasBody || version === undefined) return result;
  const stored = await store.readVersion(repository, version.type, version.id, version.version);
  return stored === undefined || stored.deleted ? result : { ...result, body: stored.content };
}
