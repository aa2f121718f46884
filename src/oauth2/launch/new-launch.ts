import { isLoopback } from '../../clients/index.js';
import { FieldErrors } from '../../platform/errors/index.js';
import { resourceId, type FhirContextItem, type LaunchContext } from './launch-context.js';

/** A launch as it is asked for by an EHR. */
export interface NewLaunch {
  /** Who is let in. */
  readonly username: string;
  /** The app. */
  readonly clientId: string;
  /** Base URL of a FHIR endpoint; absent: the default endpoint. */
  readonly endpoint?: string;
  readonly patient?: string;
  readonly encounter?: string;
  readonly fhirContext?: readonly object[];
  readonly intent?: string;
  readonly needPatientBanner?: boolean;
  readonly smartStyleUrl?: string;
  readonly tenant?: string;
  /** Seconds, 1 to 3600; absent: 300. */
  readonly ttl?: number;
}

const longestTtl = 3600;
const mostItems = 20;
const longestText = 200;
const longestUrl = 1024;
const longestItem = 4096;
const itemMembers = new Set(['reference', 'canonical', 'identifier', 'type', 'role']);
const reference = /^([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * The context of a new launch.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#launch-context-arrives-with-your-access_token
 *
 * @throws FirekeepError 400 `OAUTH2_LAUNCH_INVALID` with every field that is wrong
 */
export function contextOf(input: NewLaunch): LaunchContext {
  const errors = new FieldErrors();
  const { patient, encounter, intent, tenant, ttl, smartStyleUrl, needPatientBanner } = input;
  if (patient !== undefined && !resourceId.test(patient))
    errors.add('patient', 'Must be the id of a Patient.');
  if (encounter !== undefined && !resourceId.test(encounter)) {
    errors.add('encounter', 'Must be the id of an Encounter.');
  }
  if (encounter !== undefined && patient === undefined) {
    errors.add('patient', 'Must be there, since an encounter is one of a patient.');
  }
  for (const [name, value] of Object.entries({ intent, tenant })) {
    if (value !== undefined && (value === '' || value.length > longestText)) {
      errors.add(name, `Must have 1 to ${longestText} characters.`);
    }
  }
  if (smartStyleUrl !== undefined && !isStyleUrl(smartStyleUrl)) {
    errors.add('smartStyleUrl', 'Must be an absolute https URL (http on this machine alone).');
  }
  if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < 1 || ttl > longestTtl)) {
    errors.add('ttl', `Must be whole seconds from 1 to ${longestTtl}.`);
  }
  const fhirContext = itemsOf(input.fhirContext, errors);
  errors.throwIfAny('OAUTH2_LAUNCH_INVALID');
  return {
    ...(patient === undefined ? {} : { patient }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(fhirContext === undefined ? {} : { fhirContext }),
    ...(intent === undefined ? {} : { intent }),
    ...(needPatientBanner === undefined ? {} : { need_patient_banner: needPatientBanner }),
    ...(smartStyleUrl === undefined ? {} : { smart_style_url: smartStyleUrl }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}

function itemsOf(
  items: readonly object[] | undefined,
  errors: FieldErrors,
): readonly FhirContextItem[] | undefined {
  if (items === undefined) return undefined;
  if (items.length > mostItems) errors.add('fhirContext', `Must have at most ${mostItems} items.`);
  for (const [index, item] of items.slice(0, mostItems).entries()) {
    const problem = itemProblem(item as Readonly<Record<string, unknown>>);
    if (problem !== undefined) errors.add(`fhirContext[${index}]`, problem);
  }
  return items;
}

/** The patient and the encounter of the launch have members of their own, so that an item must not be one of them. */
function itemProblem(item: Readonly<Record<string, unknown>>): string | undefined {
  const foreign = Object.keys(item).find((name) => !itemMembers.has(name));
  if (foreign !== undefined) return `Has ${foreign.slice(0, 50)}, which is no member of an item.`;
  if (JSON.stringify(item).length > longestItem) return `Must have at most ${longestItem} characters.`;
  const texts = ['reference', 'canonical', 'type', 'role'].filter((name) => item[name] !== undefined);
  const wrong = texts.find((name) => typeof item[name] !== 'string' || item[name] === '');
  if (wrong !== undefined) return `Has a member ${wrong} that is no text.`;
  const { identifier, role = 'launch' } = item;
  if (identifier !== undefined && (typeof identifier !== 'object' || identifier === null)) {
    return 'Has a member identifier that is no object.';
  }
  if (item.reference === undefined && item.canonical === undefined && identifier === undefined) {
    return 'Must have a reference, a canonical or an identifier.';
  }
  const type = typeof item.reference === 'string' ? reference.exec(item.reference)?.[1] : undefined;
  if (item.reference !== undefined && type === undefined) {
    return 'Must have a reference such as ImagingStudy/17.';
  }
  if (role === 'launch' && [type, item.type].some((name) => name === 'Patient' || name === 'Encounter')) {
    return 'Is the patient or encounter of the launch, which have fields of their own; another one needs a role.';
  }
  if (role !== 'launch' && !URL.canParse(String(role))) return 'Must have a role that is an absolute URI.';
  return undefined;
}

function isStyleUrl(text: string): boolean {
  if (text.length > longestUrl || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
