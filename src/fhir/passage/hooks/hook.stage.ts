import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../../platform/errors/index.js';
import { errorOfEntry } from '../../exchange/entry-error.js';
import type { InteractionContext } from '../../exchange/interaction-context.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import { ResourceIntake } from '../../exchange/resource-intake.js';
import { parseResource, type JsonObject, type ParsedResource } from '../../format/parsed-resource.js';
import type { ResourceText } from '../../format/resource-text.js';
import { makesVersion, type SearchPage } from '../../storage/ports.js';
import type { SearchQuery } from '../../search/query.js';
import { changedUnit, type AskedUnit } from '../asked-unit.js';
import type { Asked, GrantedReader, PassageStage, Passing } from '../passage-stage.js';
import { ThroughReader } from '../through-reader.js';
import { FhirHooks } from './fhir-hooks.js';
import { HookCalls } from './hook-calls.js';
import type { HookSet, ReadRequest, SearchRequest } from './hook-set.js';
import { HookedWrite } from './hooked-write.js';
import { deepFreeze, replacementText } from './replacement-text.js';
import { BodiesNotShown, ShownBodies, type BodyToWrite, type ShowBody } from './shown-bodies.js';

const writePoints = ['inTransaction', 'afterCreate', 'afterUpdate', 'afterDelete'] as const;
const beforePoints = ['beforeCreate', 'beforeUpdate', 'beforeDelete'] as const;
const readPoints = ['beforeRead', 'afterRead', 'beforeSearch', 'afterSearch'] as const;
const afterPoints = { create: 'afterCreate', update: 'afterUpdate', delete: 'afterDelete' } as const;

/** How often a body may change between the hooks and the transaction. */
const showAttempts = 5;

/**
 * Calls the hooks at their positions. Where no extension has registered any, every method passes straight through.
 */
@Injectable()
export class HookStage implements PassageStage {
  readonly name = 'hooks';

  constructor(
    private readonly hooks: FhirHooks,
    private readonly intake: ResourceIntake,
    private readonly calls: HookCalls,
  ) {}

  /** Whether there are hooks before writes at all. */
  get seeWrites(): boolean {
    return this.hooks.hasAny(beforePoints);
  }

  /**
   * Shows a body to the hooks before it is written.
   *
   * @returns the body to be written instead
   * @throws FirekeepError a veto, what is wrong with the body, or `FHIR_HOOK_…`
   */
  beforeWrite(context: InteractionContext, write: BodyToWrite): Promise<Buffer> | Buffer {
    const sets = this.hooks.at(write.interaction === 'create' ? 'beforeCreate' : 'beforeUpdate', write.type);
    return sets.length === 0 ? write.body : this.replaced(context, write, sets);
  }

  beforeDelete(context: InteractionContext, type: string, id: string | undefined): Promise<void> | undefined {
    return this.calls.veto('beforeDelete', type, { type, id }, context);
  }

  /** Carries out a read or a search between its hooks. */
  read(passing: Passing, work: () => Promise<InteractionResult>): Promise<InteractionResult> {
    const { asked } = passing;
    if (asked === undefined || !this.hooks.hasAny(readPoints)) return work();
    return asked.search === undefined
      ? this.hookedRead(passing.context, asked, work)
      : this.hookedSearch(passing, { type: asked.type, parameters: asked.search.parameters }, work);
  }

  shown(passing: Passing, reader: GrantedReader): GrantedReader {
    return this.hooks.hasAny(['afterSearch']) ? new RememberingReader(reader, passing) : reader;
  }

  /** Each write passes the hooks inside the transaction and those behind the commit. */
  commit<R>({ context }: Passing, unit: AskedUnit<R>, next: (unit: AskedUnit<R>) => Promise<R>): Promise<R> {
    return this.hooks.hasAny(writePoints) ? this.hookedCommit(context, unit, next) : next(unit);
  }

  /**
   * Commits a unit whose bodies are known inside the transaction only (patches): one that the hooks have not seen
   * ends the attempt, is shown to them outside of it, and the unit is tried again.
   *
   * @param unitOf makes the unit; it passes every such body through `show` and writes what that returns
   * @throws FirekeepError 409 `FHIR_HOOK_OVERTAKEN` where the resource changes again and again meanwhile
   */
  async showing<R>(
    context: InteractionContext,
    unitOf: (show: ShowBody) => AskedUnit<R>,
    commit: (unit: AskedUnit<R>) => Promise<R>,
  ): Promise<R> {
    if (!this.hooks.hasAny(['beforeCreate', 'beforeUpdate'])) return commit(unitOf(({ body }) => body));
    const shown = new ShownBodies();
    for (let attempt = 0; attempt < showAttempts; attempt++) {
      try {
        return await commit(shown.requireAll(unitOf(shown.show)));
      } catch (thrown) {
        if (!(thrown instanceof BodiesNotShown)) throw thrown;
        context.scope?.sameReceipt?.();
        for (const write of thrown.writes) shown.add(write, await this.shownTo(context, write));
      }
    }
    throw new FirekeepError(
      'conflict',
      'FHIR_HOOK_OVERTAKEN',
      'The resource was changed by others again and again while an extension looked at the change. Try again.',
    );
  }

  private async shownTo(context: InteractionContext, write: BodyToWrite): Promise<Buffer> {
    try {
      return await this.beforeWrite(context, write);
    } catch (thrown) {
      throw write.entry === undefined ? thrown : errorOfEntry(thrown, write.entry);
    }
  }

  private async replaced(
    context: InteractionContext,
    { interaction, type, id, body, place = '' }: BodyToWrite,
    sets: readonly HookSet[],
  ): Promise<Buffer> {
    const point = interaction === 'create' ? 'beforeCreate' : 'beforeUpdate';
    let text = this.intake.read(body, type, place);
    if (interaction === 'update' && id !== undefined) this.intake.requireId(text, id, place);
    this.intake.check(text, place);
    for (const set of sets) {
      const parsed = parseResource(text);
      const resource = deepFreeze(parsed.object);
      const replacement = (await this.calls.call(set, point, { type, id, resource }, context)) as
        JsonObject | undefined;
      if (replacement !== undefined) text = this.accepted(replacement, text, parsed, `${set.name}.${point}`);
    }
    return text.text;
  }

  /** What a hook returns is checked like what a client sends, but it isn't the client's fault. */
  private accepted(
    replacement: JsonObject,
    before: ResourceText,
    parsed: ParsedResource,
    label: string,
  ): ResourceText {
    try {
      const text = this.intake.read(replacementText(replacement, parsed), before.type);
      if (text.id !== before.id) throw new Error('The replacement has another id.');
      this.intake.check(text);
      return text;
    } catch (cause) {
      throw new FirekeepError('internal', 'FHIR_HOOK_FAILED', 'An extension of this server failed.', {
        detail: `${label} returned a resource that can't be stored`,
        cause,
      });
    }
  }

  private async hookedRead(
    context: InteractionContext,
    { interaction, type, id }: Asked,
    read: () => Promise<InteractionResult>,
  ): Promise<InteractionResult> {
    const request = { interaction, type, id } as ReadRequest;
    await this.calls.veto('beforeRead', type, request, context);
    const result = await read();
    if (this.hooks.at('afterRead', type).length > 0) {
      const seen = { ...request, version: result.version?.version };
      await this.calls.behind(() => this.calls.notify('afterRead', type, seen, context));
    }
    return result;
  }

  private async hookedSearch(
    passing: Passing,
    request: SearchRequest,
    search: () => Promise<InteractionResult>,
  ): Promise<InteractionResult> {
    const { context } = passing;
    await this.calls.veto('beforeSearch', request.type, request, context);
    const result = await search();
    if (this.hooks.at('afterSearch', request.type).length > 0) {
      const { matches = [], total = null } = passing.found ?? {};
      const found = {
        ...request,
        matches: matches.map(({ type, id, version }) => ({ type, id, version })),
        total,
      };
      await this.calls.behind(() => this.calls.notify('afterSearch', request.type, found, context));
    }
    return result;
  }

  private async hookedCommit<R>(
    context: InteractionContext,
    unit: AskedUnit<R>,
    next: (unit: AskedUnit<R>) => Promise<R>,
  ): Promise<R> {
    let writes: readonly HookedWrite[] = [];
    const hooked = changedUnit(unit, {
      apply: (transaction) => {
        const decided = unit.apply(transaction);
        // Rebuilt at every attempt: only the last one is committed.
        writes = decided.writes
          .filter(makesVersion)
          .map((write) => new HookedWrite(write, transaction.current(write.type, write.id)));
        this.calls.inTransaction(writes, context);
        return decided;
      },
    });
    const result = await next(hooked);
    await this.calls.behind(async () => {
      for (const write of writes)
        await this.calls.notify(afterPoints[write.kind], write.type, write, context);
    });
    return result;
  }
}

/** Remembers the page that a search has found; what is looked up for it later is none. */
class RememberingReader extends ThroughReader {
  constructor(
    inner: GrantedReader,
    private readonly passing: Passing,
  ) {
    super(inner);
  }

  override async search(query: SearchQuery): Promise<SearchPage> {
    const page = await this.inner.search(query);
    this.passing.found ??= page;
    return page;
  }
}
