import { Injectable } from '@nestjs/common';
import {
  FhirResources,
  resourceAnswer,
  type FhirOperation,
  type InteractionResult,
  type JsonObject,
  type OperationCall,
} from 'firekeep';

/** What is summed up, by the LOINC code of the observations. */
const measures = { height: '8302-2', weight: '29463-7' } as const;

interface Measured {
  readonly effectiveDateTime?: string;
  readonly valueQuantity?: { readonly value?: number; readonly unit?: string };
}

/**
 * `Patient/[id]/$growth-summary`: the latest height and weight, and how much they are above the ones before.
 * The observations are searched with the rights of the caller.
 */
@Injectable()
export class GrowthSummaryOperation implements FhirOperation {
  readonly name = 'growth-summary';
  readonly definition = 'https://clinic.example.org/OperationDefinition/growth-summary';
  readonly affectsState = false;
  readonly parameters = [];
  readonly types = ['Patient'];
  readonly access = { instance: ['read'] } as const;

  constructor(private readonly resources: FhirResources) {}

  async execute({ context, id = '' }: OperationCall): Promise<InteractionResult> {
    await this.resources.read(context, 'Patient', id);
    const parts: JsonObject[] = [];
    for (const [name, code] of Object.entries(measures)) {
      const criteria = `patient=${id}&code=http://loinc.org|${code}&_sort=-date&_count=2`;
      const { resources } = await this.resources.search(context, 'Observation', criteria);
      const [latest, before] = resources as readonly Measured[];
      if (latest?.valueQuantity?.value !== undefined) parts.push(summary(name, latest, before));
    }
    return resourceAnswer({ resourceType: 'Parameters', parameter: parts });
  }
}

function summary(name: string, latest: Measured, before: Measured | undefined): JsonObject {
  const { value = 0, unit } = latest.valueQuantity ?? {};
  const earlier = before?.valueQuantity;
  const part: JsonObject[] = [{ name: 'latest', valueQuantity: latest.valueQuantity }];
  if (latest.effectiveDateTime !== undefined) {
    part.push({ name: 'date', valueDateTime: latest.effectiveDateTime });
  }
  if (earlier?.value !== undefined && earlier.unit === unit) {
    const difference = Number((value - earlier.value).toFixed(3));
    part.push({ name: 'difference', valueQuantity: { ...latest.valueQuantity, value: difference } });
  }
  return { name, part };
}
