import { loadDefinitions } from '../../definitions/index.js';
import { FhirHooks } from './fhir-hooks.js';
import type { HookSet } from './hook-set.js';

const veto = () => undefined;

describe('the registry of hooks', () => {
  let hooks: FhirHooks;
  beforeEach(() => (hooks = new FhirHooks(loadDefinitions())));

  it('has none until one is registered', () => {
    expect(hooks.hasAny(['beforeCreate'])).toBe(false);
    expect(hooks.at('beforeCreate', 'Patient')).toEqual([]);
  });

  it('gives those of a point and type, in the order of their registration', () => {
    const sets: HookSet[] = [
      { name: 'one', resourceTypes: ['Patient'], beforeCreate: veto },
      { name: 'two', beforeCreate: veto, beforeUpdate: veto },
      { name: 'three', resourceTypes: ['Patient', 'Group'], beforeCreate: veto },
    ];
    for (const set of sets) hooks.register(set);
    const names = (point: 'beforeCreate' | 'beforeUpdate', type: string | null) =>
      hooks.at(point, type).map(({ name }) => name);
    expect(names('beforeCreate', 'Patient')).toEqual(['one', 'two', 'three']);
    expect(names('beforeCreate', 'Device')).toEqual(['two']);
    expect(names('beforeUpdate', 'Patient')).toEqual(['two']);
    expect(hooks.hasAny(['beforeDelete'])).toBe(false);
  });

  it('gives those of every type for what concerns no single one', () => {
    hooks.register({ name: 'one', resourceTypes: ['Patient'], beforeRead: veto });
    expect(hooks.at('beforeRead', null)).toHaveLength(1);
  });

  it('knows the hooks of a class', () => {
    class Rules {
      readonly name = 'Rules';
      beforeCreate(): void {
        veto();
      }
    }
    hooks.register(new Rules());
    expect(hooks.hasAny(['beforeCreate'])).toBe(true);
  });

  it.each<[string, object]>([
    ['of a type that is none', { resourceTypes: ['Patients'], beforeCreate: veto }],
    ['of no type', { resourceTypes: [], beforeCreate: veto }],
    ['at no point', {}],
    ['at a point that is none', { beforeCreate: veto, beforeUpsert: veto }],
    ['in the wrong case', { beforeCreate: veto, beforecreate: veto }],
    ['that can not be called', { beforeCreate: true }],
  ])('refuses hooks %s', (_what, set) => {
    const register = () => hooks.register({ name: 'Wrong', ...set });
    expect(register).toThrow(expect.objectContaining({ code: 'EXTENSION_HOOK_INVALID' }));
    expect(hooks.hasAny(['beforeCreate'])).toBe(false);
  });
});
