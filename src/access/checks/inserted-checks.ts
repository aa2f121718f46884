import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { Logger } from '../../platform/logging/index.js';
import { administratorOf } from './administrator.js';
import type { Check } from './check.js';
import { principalOf } from './scope.check.js';
import { ExtensionCheck, type ExtensionCheckParts } from './extension-check.js';
import { GateChecks, type GateCheck } from '../extension-checks/gate-checks.js';

type Place = 'fhir' | 'administration';
interface Table<F extends string, A extends string> {
  readonly fhir: Readonly<Record<F, readonly Check[]>>;
  readonly administration: Readonly<Record<A, readonly Check[]>>;
}

/** Puts the checks of extensions around the last check of each row, which asks what the caller may. */
@Injectable()
export class InsertedChecks {
  constructor(
    private readonly checks: GateChecks,
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  into<F extends string, A extends string>({ fhir, administration }: Table<F, A>): Table<F, A> {
    const checks = this.checks.close();
    return {
      fhir: this.around(fhir, this.of('fhir', checks)),
      administration: this.around(administration, this.of('administration', checks)),
    };
  }

  private of(place: Place, checks: readonly GateCheck[]): Record<GateCheck['position'], readonly Check[]> {
    const parts: ExtensionCheckParts = {
      limit: this.settings.get('hookTimeout') * 1_000,
      logger: this.logger,
      callerOf: (context) =>
        place === 'fhir' ? principalOf(context, this.settings.issuer) : administratorOf(context),
    };
    const here = checks.filter(({ guards = ['fhir'] }) => guards.includes(place));
    const at = (wanted: GateCheck['position']): readonly Check[] =>
      here.filter(({ position }) => position === wanted).map((check) => new ExtensionCheck(check, parts));
    return { 'before-scope': at('before-scope'), 'behind-scope': at('behind-scope') };
  }

  private around<M extends string>(
    rows: Readonly<Record<M, readonly Check[]>>,
    added: Record<GateCheck['position'], readonly Check[]>,
  ): Record<M, readonly Check[]> {
    const surrounded = Object.entries<readonly Check[]>(rows).map(([mode, checks]) => [
      mode,
      [...checks.slice(0, -1), ...added['before-scope'], ...checks.slice(-1), ...added['behind-scope']],
    ]);
    return Object.fromEntries(surrounded) as Record<M, readonly Check[]>;
  }
}
