import type { InteractionResult, VersionReference } from '../../exchange/interaction-result.js';

/** A version that an answer shows without having written it. */
export interface ShownVersion extends Omit<VersionReference, 'lastUpdated'> {
  /** Undefined: the answer shows something of it, but not as a whole. */
  readonly body: Buffer | undefined;
}

/** Which version it is, among those of a repository. */
export function versionKey({ type, id, version }: Omit<VersionReference, 'lastUpdated'>): string {
  return `${type}/${id}/${version}`;
}

/**
 * What the results of a commit show of versions that the commit did not write: an update that changes nothing, a conditional
 * create that finds a match, an answer that is given again, what an operation looked at.
 */
export class ShownResults {
  /**
   * @param showsWritten whether the resources of writes are answered; what operations say they show is, in any case
   */
  constructor(
    private readonly written: ReadonlySet<string>,
    private readonly showsWritten: boolean,
    private readonly record: (shown: ShownVersion) => Promise<void>,
  ) {}

  /**
   * The result of a unit, once all that it shows has a record.
   *
   * @throws FirekeepError where there can be none, and nothing was written that has to be answered
   */
  async of<R>(result: R): Promise<R> {
    if (!(result instanceof Map)) return (await this.ofOne(result as InteractionResult)) as R;
    const entries = new Map<number, InteractionResult>();
    for (const [index, one] of result as Map<number, InteractionResult>) {
      entries.set(index, await this.ofOne(one));
    }
    return entries as R;
  }

  private async ofOne(result: InteractionResult): Promise<InteractionResult> {
    const { body, version } = result;
    if (body === undefined) return result;
    const named = result.shows ?? (version === undefined || !this.showsWritten ? [] : [version]);
    try {
      for (const one of named) {
        if (this.written.has(versionKey(one))) continue;
        const { type, id, version: number } = one;
        await this.record({ type, id, version: number, body: isOf(version, one) ? body : undefined });
      }
      return result;
    } catch (thrown) {
      if (this.written.size === 0) throw thrown;
      // What was written is answered; what can't be recorded isn't shown.
      const { body: _withheld, ...rest } = result;
      return rest;
    }
  }
}

function isOf(version: VersionReference | undefined, one: VersionReference): boolean {
  return version !== undefined && versionKey(version) === versionKey(one);
}
