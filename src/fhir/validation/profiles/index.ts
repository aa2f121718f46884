/** Checks of resources against profiles: StructureDefinitions that constrain a type. Framework-free. */
export { Findings } from './findings.js';
export { readProfile, type Profile } from './profile.js';
export { checkResourceProfile } from './profile.check.js';
export { baseProfiles, baseTypeOf, type ProfileSource } from './profile-world.js';
