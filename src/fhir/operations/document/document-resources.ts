import { FirekeepError } from '../../../platform/errors/index.js';
import type { Definitions } from '../../definitions/index.js';
import { inParallel } from '../../exchange/in-parallel.js';
import type { JsonObject } from '../../format/parsed-resource.js';
import type { OutcomeIssue } from '../../outcome/operation-outcome.js';
import type { GrantedReader } from '../../passage/passage-stage.js';
import { parseReference } from '../../search/extraction/index.js';
import type { StoredResource } from '../../storage/ports.js';
import { referredIn } from '../referred-resources.js';
import { referencesOf, type DocumentReference } from './document-references.js';

/** What one document may hold. */
const mostEntries = 2_000;
const mostBytes = 50 * 2 ** 20;
/** Resources that are read at once. */
const readAtOnce = 16;

/** Of what a document refers to, these come along with what refers to them: who, and what was given. */
const secondary: ReadonlySet<string> = new Set([
  'Medication',
  'Practitioner',
  'PractitionerRole',
  'Organization',
]);

interface Target {
  readonly type: string;
  readonly id: string;
  /** Undefined: the current one. */
  readonly version: number | undefined;
}

export interface DocumentReading {
  readonly repository: string;
  readonly definitions: Pick<Definitions, 'isResourceType'>;
  readonly bases: readonly string[];
}

export interface DocumentContent {
  /** The Composition first. */
  readonly resources: readonly StoredResource[];
  /** References that lead nowhere. */
  readonly missing: readonly OutcomeIssue[];
}

/** Finds the resources of a document, each once. */
export class DocumentResources {
  /** Names of targets. */
  private readonly found = new Set<string>();
  /** By type, id and version: a reference to a version and one to the current one may lead to the same. */
  private readonly resources = new Map<string, StoredResource>();
  private bytes = 0;

  constructor(
    private readonly store: GrantedReader,
    private readonly reading: DocumentReading,
  ) {}

  /** @throws FirekeepError 422 `FHIR_DOCUMENT_INCOMPLETE`, `FHIR_OPERATION_TOO_COSTLY` */
  async of(composition: StoredResource): Promise<DocumentContent> {
    this.add({ type: composition.type, id: composition.id, version: undefined }, composition);
    const object = JSON.parse(composition.content.toString('utf8')) as JsonObject;
    const references = referencesOf(object).filter((one) => !isContained(one, object));
    const targets = references.map((one) => this.targetOf(one.reference));
    await this.read(targets.filter((target) => target !== undefined));
    const missing = references.filter((_, n) => !this.has(targets[n]));
    const required = missing.filter(({ isRequired }) => isRequired);
    if (required.length > 0) throw incomplete(required);
    const { definitions, bases } = this.reading;
    const further = [...this.resources.values()]
      .filter((resource) => resource !== composition)
      .flatMap(({ content }) => referredIn(content, definitions, bases))
      .filter(({ type }) => secondary.has(type));
    await this.read(further.map(({ type, id }) => ({ type, id, version: undefined })));
    return { resources: [...this.resources.values()], missing: missing.map(issueOf) };
  }

  /** Undefined: not of this repository. */
  private targetOf(reference: string): Target | undefined {
    const { definitions, bases } = this.reading;
    const parsed = parseReference(reference, definitions, { bases });
    const { targetType: type, targetId: id, targetVersion } = parsed ?? {};
    if (type === undefined || type === null || id === undefined || id === null) return undefined;
    if (targetVersion === undefined || targetVersion === null) return { type, id, version: undefined };
    return /^[1-9]\d{0,9}$/.test(targetVersion) ? { type, id, version: Number(targetVersion) } : undefined;
  }

  private async read(targets: readonly Target[]): Promise<void> {
    const wanted = [...new Map(targets.map((target) => [nameOf(target), target])).values()].filter(
      (target) => !this.has(target),
    );
    this.requireRoom(this.resources.size + wanted.length);
    const { repository } = this.reading;
    const resources = await inParallel(wanted, readAtOnce, ({ type, id, version }) =>
      version === undefined
        ? this.store.read(repository, type, id)
        : this.store.readVersion(repository, type, id, version),
    );
    for (const [n, resource] of resources.entries()) {
      const target = wanted[n];
      if (target !== undefined && resource?.deleted === false) this.add(target, resource);
    }
  }

  private add(target: Target, resource: StoredResource): void {
    this.found.add(nameOf(target));
    const name = nameOf(resource);
    if (this.resources.has(name)) return;
    this.bytes += resource.content.length;
    if (this.bytes > mostBytes) throw tooCostly();
    this.resources.set(name, resource);
  }

  private has(target: Target | undefined): boolean {
    return target !== undefined && this.found.has(nameOf(target));
  }

  private requireRoom(entries: number): void {
    if (entries > mostEntries) throw tooCostly();
  }
}

function nameOf({ type, id, version }: Target): string {
  return `${type}/${id}${version === undefined ? '' : `/${version}`}`;
}

/** Whether it leads to a resource that the Composition itself holds. */
function isContained({ reference }: DocumentReference, { contained }: JsonObject): boolean {
  if (!reference.startsWith('#') || !Array.isArray(contained)) return false;
  return contained.some(
    (one: unknown) => (one as { readonly id?: unknown } | null)?.id === reference.slice(1),
  );
}

function issueOf({ reference, place }: DocumentReference): OutcomeIssue {
  return {
    severity: 'warning',
    code: 'not-found',
    text: `"${reference.slice(0, 200)}" can't be had, so that the document is without it.`,
    expression: place,
  };
}

function incomplete(missing: readonly DocumentReference[]): FirekeepError {
  return new FirekeepError(
    'unprocessable',
    'FHIR_DOCUMENT_INCOMPLETE',
    'Whom the document is about can’t be had.',
    {
      issues: missing.map(({ reference, place }) => ({
        message: `"${reference.slice(0, 200)}" can't be had, and no document is without it.`,
        code: 'not-found',
        expression: place,
      })),
    },
  );
}

function tooCostly(): FirekeepError {
  const message =
    `A document holds ${mostEntries.toLocaleString('en')} resources and ${mostBytes / 2 ** 20} MiB at the most. ` +
    'Read the Composition and what it refers to in parts, or have it refer to less.';
  return new FirekeepError('unprocessable', 'FHIR_OPERATION_TOO_COSTLY', message, {
    issues: [{ message, code: 'too-costly' }],
  });
}
