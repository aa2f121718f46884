import { receiptLifetime } from '../../storage/receipt-purge.job.js';
import type { RepeatReader, RequestScope, ScopedReceipt } from '../../storage/request-scope.js';
import { inParallel } from '../../exchange/in-parallel.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { foreignKey, partOf, type RequestDigests } from './idempotent-request.js';

/** Versions looked at at once for an answer that is given again. */
const parallelReads = 16;

/** A result without its body, which the version that it tells of has; one that tells of none keeps it as text. */
type KeptResult = Omit<InteractionResult, 'body'> & { readonly hasBody: boolean; readonly text?: string };
/** What a unit answers: one result, or those of the entries of a transaction by their index. */
type KeptResults =
  { readonly one: KeptResult } | { readonly entries: readonly (readonly [number, KeptResult])[] };
/** With the digest of the rights by which it was answered. */
type KeptAnswer = KeptResults & { readonly rights?: string };

/**
 * The scope of a request with an Idempotency-Key. Each of its writes leaves a receipt, committed with it: which
 * versions it made, and what it was answered. Bodies are not kept twice: an answer that is given again shows each version
 * as the caller may read it then.
 */
export class IdempotentScope implements RequestScope {
  /** Done so far: a write that failed may be tried again, as the same one. */
  private writes = 0;

  /**
   * @param needsBodies whether an answer that is given again shows the resources of writes
   */
  constructor(
    readonly deadline: number,
    private readonly digests: RequestDigests,
    private readonly needsBodies: boolean,
  ) {}

  ofEntry(index: number): RequestScope {
    const { deadline, digests, needsBodies } = this;
    const key = partOf(digests.key, `entry ${index}`);
    return new IdempotentScope(deadline, { ...digests, key }, needsBodies);
  }

  sameReceipt(): void {
    this.writes--;
  }

  nextReceipt<R>({ repository }: { readonly repository: string }): ScopedReceipt<R> {
    const key = partOf(this.digests.key, `write ${this.writes}`);
    const rights = this.digests.rights.toString('base64url');
    return {
      receipt: {
        key,
        request: this.digests.request,
        lifetime: receiptLifetime,
        encode: (result) => JSON.stringify({ rights, ...keptResults(result) }),
        decode: (text) => {
          const answer = JSON.parse(text) as KeptAnswer;
          if (answer.rights !== rights) throw foreignKey();
          return resultsOf(answer) as R;
        },
      },
      settled: () => {
        this.writes += 1;
      },
      complete: async (result, store) => {
        const again = new AnswerAgain(repository, store, this.needsBodies);
        return (await again.results(result as KeptResult | ReadonlyMap<number, KeptResult>)) as R;
      },
    };
  }
}

function keptResults(result: unknown): KeptResults {
  if (!(result instanceof Map)) return { one: kept(result as InteractionResult) };
  const entries = [...(result as Map<number, InteractionResult>)];
  return { entries: entries.map(([index, one]) => [index, kept(one)] as const) };
}

function kept({ body, ...rest }: InteractionResult): KeptResult {
  const hasBody = body !== undefined;
  return { ...rest, hasBody, ...(hasBody && rest.version === undefined ? { text: body.toString() } : {}) };
}

function resultsOf(answer: KeptAnswer): KeptResult | ReadonlyMap<number, KeptResult> {
  return 'one' in answer ? answer.one : new Map(answer.entries);
}

/** An answer that is given again, by the rights of the day. */
class AnswerAgain {
  constructor(
    private readonly repository: string,
    private readonly store: RepeatReader,
    private readonly needsBodies: boolean,
  ) {}

  /** @throws FirekeepError as `RepeatReader.repeated`, for the first of them that can't be given */
  async results(
    kept: KeptResult | ReadonlyMap<number, KeptResult>,
  ): Promise<InteractionResult | ReadonlyMap<number, InteractionResult>> {
    if (!(kept instanceof Map)) return this.result(kept as KeptResult);
    const entries = [...(kept as Map<number, KeptResult>)];
    const completed = await inParallel(entries, parallelReads, async ([index, one]) => {
      return [index, await this.result(one)] as const;
    });
    return new Map(completed);
  }

  /** Without a body where the caller may not read all that it shows. */
  private async result({ hasBody, text, ...result }: KeptResult): Promise<InteractionResult> {
    const { version, shows = [] } = result;
    const stored = version && (await this.store.repeated(this.repository, version));
    let isReadable = true;
    for (const one of shows) {
      if ((await this.store.repeated(this.repository, one)) === undefined) isReadable = false;
    }
    if (!hasBody || !isReadable) return result;
    if (text !== undefined) return { ...result, body: Buffer.from(text) };
    // What an operation answers, it makes of the resource.
    if (!this.needsBodies && result.shows === undefined) return result;
    return stored === undefined || stored.deleted ? result : { ...result, body: stored.content };
  }
}
