import { FirekeepError, type HookSet, type IncomingWrite, type JsonObject, type Replacement } from 'firekeep';

const checked = { system: 'https://clinic.example.org/tags', code: 'performer-checked' };

/** An Observation says who made it; one that does gets a tag. */
export const performerRule: HookSet = {
  name: 'PerformerRule',
  resourceTypes: ['Observation'],
  beforeCreate: requirePerformer,
  beforeUpdate: requirePerformer,
};

function requirePerformer({ resource }: IncomingWrite): Replacement {
  if (!Array.isArray(resource.performer) || resource.performer.length === 0) {
    const message = 'An Observation of this clinic names at least one performer.';
    throw new FirekeepError('unprocessable', 'CLINIC_PERFORMER_MISSING', message, {
      issues: [{ message, code: 'business-rule', expression: 'Observation.performer' }],
    });
  }
  return withTag(resource);
}

function withTag(resource: JsonObject): Replacement {
  const meta = (resource.meta ?? {}) as { readonly tag?: readonly { system?: string; code?: string }[] };
  const tags = meta.tag ?? [];
  const isThere = tags.some(({ system, code }) => system === checked.system && code === checked.code);
  return isThere ? undefined : { ...resource, meta: { ...meta, tag: [...tags, checked] } };
}
