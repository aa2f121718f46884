import { Injectable } from '@nestjs/common';
import type { EntryGate, GatedEntry, Principal } from '../../contract/index.js';
import type { Check, CheckContext } from '../checks/check.js';
import { ExtensionCheck } from '../checks/extension-check.js';
import { Admissions, type Admission } from './admissions.js';
import { GateRefusals } from './gate-refusals.js';

/** Who asks has been found out with the Bundle; what each entry asks for is up to the checks of extensions. */
@Injectable()
export class ExtensionEntryGate implements EntryGate {
  constructor(
    private readonly admissions: Admissions,
    private readonly refusals: GateRefusals,
  ) {}

  async admit(principal: Principal, entry: GatedEntry, authorize: () => void): Promise<void> {
    const admission = this.admissions.of(principal);
    // It came another way: the gate has not asked about the Bundle either.
    if (admission === undefined) {
      authorize();
      return;
    }
    const { checks } = admission;
    const scope = checks.findIndex(({ name }) => name === 'scope');
    await this.ask(admission, entry, checks.slice(0, scope));
    authorize();
    await this.ask(admission, entry, checks.slice(scope + 1));
  }

  /** @throws FirekeepError the refusal of the first that fails */
  private async ask(
    { request, context, checks }: Admission,
    entry: GatedEntry,
    asked: readonly Check[],
  ): Promise<void> {
    for (const check of asked) {
      if (!(check instanceof ExtensionCheck)) continue;
      const ofEntry = contextOf(context, entry);
      const failure = await check.run(ofEntry);
      if (failure === undefined) continue;
      const { interaction, resourceType, operation } = entry;
      const what = `${operation ?? interaction} on ${resourceType ?? 'the whole system'}, as a part of the request`;
      const told = { ...failure, actual: `${failure.actual}; asked for ${what}` };
      throw this.refusals.of(request, ofEntry, told, check, checks);
    }
  }
}

function contextOf(context: CheckContext, { interaction, ...address }: GatedEntry): CheckContext {
  const target = { ...context.target, ...address, rule: { kind: 'interaction', interaction } as const };
  return { ...context, target, isEntry: true };
}
