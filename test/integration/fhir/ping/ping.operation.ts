import type { FhirOperation, InteractionResult } from '../../../../src/index.js';
import { resourceAnswer } from '../../../../src/index.js';

/** `[base]/$ping`, the smallest operation that there is. */
export class PingOperation implements FhirOperation {
  readonly name = 'ping';
  readonly definition = 'urn:example:OperationDefinition/ping';
  readonly affectsState = false;
  readonly documentation = 'Says that somebody is there.';
  readonly parameters = [{ name: 'to', type: 'string', documentation: 'Who is asked.' }] as const;
  readonly access = { system: ['search-system'] } as const;

  execute(): Promise<InteractionResult> {
    return Promise.resolve(
      resourceAnswer({
        resourceType: 'Parameters',
        parameter: [{ name: 'return', valueString: 'pong' }],
      }),
    );
  }
}
