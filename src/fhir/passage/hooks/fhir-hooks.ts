import { Inject, Injectable } from '@nestjs/common';
import { FirekeepError } from '../../../platform/errors/index.js';
import { type Definitions, FHIR_DEFINITIONS } from '../../definitions/index.js';
import { hookPoints, type HookPoint, type HookSet } from './hook-set.js';

/** A set that has a hook at this point. */
export type SetWith<P extends HookPoint> = HookSet & Required<Pick<HookSet, P>>;

const none: readonly never[] = [];

/** The hooks of all extensions, in the order in which they were registered. */
@Injectable()
export class FhirHooks {
  private readonly sets = new Map<HookPoint, HookSet[]>();

  constructor(@Inject(FHIR_DEFINITIONS) private readonly definitions: Definitions) {}

  /**
   * Adds hooks; they hold for every request that begins afterwards. Call it in the constructor or `onModuleInit`
   * of a module, so that no request comes before them.
   *
   * @throws FirekeepError `EXTENSION_HOOK_INVALID` for a type or a hook that doesn't exist: it would never be
   * called, and what it is to prevent would happen
   *
   * @example
   * hooks.register({
   *   name: 'PerformerRule',
   *   resourceTypes: ['Observation'],
   *   beforeCreate({ resource }) {
   *     if (resource.performer === undefined) throw performerMissing();
   *   },
   * });
   */
  register(set: HookSet): void {
    this.check(set);
    for (const point of hookPoints) {
      if (set[point] === undefined) continue;
      const sets = this.sets.get(point);
      if (sets === undefined) this.sets.set(point, [set]);
      else sets.push(set);
    }
  }

  /**
   * The sets to be called at a point.
   *
   * @param type null: the request concerns no single type, and with it all of them
   */
  at<P extends HookPoint>(point: P, type: string | null): readonly SetWith<P>[] {
    const sets = this.sets.get(point);
    if (sets === undefined) return none;
    return sets.filter(
      (set): set is SetWith<P> =>
        set[point] !== undefined &&
        (type === null || set.resourceTypes === undefined || set.resourceTypes.includes(type)),
    );
  }

  /** Whether any set has a hook at one of the points. */
  hasAny(points: readonly HookPoint[]): boolean {
    return this.sets.size > 0 && points.some((point) => this.sets.has(point));
  }

  private check(set: HookSet): void {
    const unknownType = set.resourceTypes?.find((type) => !this.definitions.isResourceType(type));
    if (unknownType !== undefined) throw invalid(set, `"${unknownType}" is not a resource type of FHIR R4`);
    if (set.resourceTypes?.length === 0) throw invalid(set, 'resourceTypes is empty');
    const points = hookPoints.filter((point) => set[point] !== undefined);
    if (points.length === 0) throw invalid(set, `it has none of the hooks ${hookPoints.join(', ')}`);
    const notCallable = points.find((point) => typeof set[point] !== 'function');
    if (notCallable !== undefined) throw invalid(set, `${notCallable} is not a function`);
    const misspelt = Object.keys(set).find(
      (key) => /^(before|after|in)[A-Z]/i.test(key) && !(hookPoints as readonly string[]).includes(key),
    );
    if (misspelt !== undefined) throw invalid(set, `there is no hook "${misspelt}"`);
  }
}

function invalid({ name }: HookSet, reason: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'EXTENSION_HOOK_INVALID',
    `The hooks "${name}" can't be registered: ${reason}.`,
  );
}
