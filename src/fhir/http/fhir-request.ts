import type { FastifyRequest } from 'fastify';
import { nobody, principalOf, type Principal } from '../../contract/index.js';
import { endpointOf } from '../../endpoints/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { wrongShape } from '../format/json-errors.js';
import { bodyFormatOf, mediaTypeOf } from '../format/media-type.js';
import { parsePreference, type Preference } from '../format/preference.js';
import { xmlToJson, xmlToJsonInTurns } from '../format/xml/xml-to-json.js';
import { criteriaOf } from '../exchange/address-parameters.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { decodeQueryString } from '../search/parse-criteria.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import type { RequestScope } from '../storage/request-scope.js';
import { binaryAround } from './binary-body.js';
import { queryOf, readAnswerForm, readBinaryForm, type AnswerForm } from './answer-form.js';
import { jsonPatchType, type PatchText } from '../exchange/patch-text.js';
import {
  readCondition,
  writePrecondition,
  type ReadCondition,
  type SentConditions,
  type WritePrecondition,
} from '../exchange/preconditions.js';

/** XML of more bytes is read in turns with other requests. */
const largeXml = 64 * 1024;

/** A request below an endpoint, read by the rules of FHIR's RESTful API. Source: FHIR R4 http.html. */
export class FhirRequest {
  readonly form: AnswerForm;
  readonly preference: Preference;

  /**
   * @param type resource type of the address
   * @throws FirekeepError `FHIR_NOT_ACCEPTABLE`, `FHIR_SUBSET_…`
   */
  constructor(
    private readonly request: FastifyRequest,
    type?: string,
  ) {
    const { body, headers } = request;
    this.form =
      type === 'Binary'
        ? readBinaryForm(request.raw)
        : readAnswerForm(request.raw, typeof body === 'string' ? body : undefined, type);
    this.preference = parsePreference(headers.prefer);
  }

  get context(): InteractionContext {
    return this.contextOf(principalOf(this.request.raw));
  }

  /** The context of what anyone may ask for, with or without credentials. */
  get publicContext(): InteractionContext {
    return this.contextOf(nobody);
  }

  private contextOf(principal: Principal): InteractionContext {
    return {
      endpoint: endpointOf(this.request.raw),
      principal,
      handling: this.preference.handling,
      showsWritten: this.preference.return === undefined || this.preference.return === 'representation',
      asksLenient: this.preference.asksLenient,
      explain: this.request.headers['x-explain'] === 'true',
    };
  }

  /** The context of what is held to a scope. */
  contextWithin(scope: RequestScope): InteractionContext {
    return { ...this.context, scope };
  }

  /** Parameters of the query, `access_token` left out, which the front has taken. */
  get queryParameters(): readonly SearchParameterPair[] {
    return decodeQueryString(this.queryString);
  }

  /** Parameters of query and form together. Source: FHIR R4 http.html#search, search by POST. */
  get searchParameters(): readonly SearchParameterPair[] {
    const { body } = this.request;
    if (body === undefined || (Buffer.isBuffer(body) && body.length === 0)) return this.queryParameters;
    if (typeof body !== 'string') {
      throw wrongShape('A search by POST has its parameters as application/x-www-form-urlencoded.');
    }
    return [...this.queryParameters, ...decodeQueryString(body)];
  }

  get hasBody(): boolean {
    const { body } = this.request;
    return body !== undefined && !(Buffer.isBuffer(body) && body.length === 0);
  }

  /**
   * The resource that was sent, as JSON.
   *
   * @throws FirekeepError 415 for another media type, 400 for no body and for XML that is no resource
   */
  async resourceBody(): Promise<Buffer> {
    const { body, headers } = this.request;
    if (body === undefined) throw wrongShape('The body is empty; a resource is expected.');
    const format = bodyFormatOf(headers['content-type']);
    if (!Buffer.isBuffer(body)) throw wrongShape('The body is not a resource.');
    if (format === 'json') return body;
    return body.length > largeXml ? xmlToJsonInTurns(body) : xmlToJson(body);
  }

  /**
   * The resource of a type that was sent, as JSON; around whatever was sent, where that is the content of a Binary.
   *
   * @param id of the address
   */
  async resourceOf(type: string, id?: string): Promise<Buffer> {
    const { body, headers } = this.request;
    const around =
      type === 'Binary' && (body === undefined || typeof body === 'string' || Buffer.isBuffer(body))
        ? binaryAround(body, headers, id)
        : undefined;
    return around ?? this.resourceBody();
  }

  /** A JSON Patch in its own media type, or a Parameters resource. */
  async patch(): Promise<PatchText> {
    const { body, headers } = this.request;
    if (mediaTypeOf(headers['content-type']) !== jsonPatchType) return this.parametersPatch();
    if (!Buffer.isBuffer(body)) throw wrongShape('The body is empty; a JSON Patch is expected.');
    return { form: 'json-patch', body };
  }

  private async parametersPatch(): Promise<PatchText> {
    try {
      return { form: 'fhirpath-patch', body: await this.resourceBody() };
    } catch (thrown) {
      if (!(thrown instanceof FirekeepError) || thrown.category !== 'unsupported-media-type') throw thrown;
      const message = `Send a JSON Patch as ${jsonPatchType}, or a FHIRPath Patch as Parameters in JSON or XML. There is no XML Patch here.`;
      // RFC 5789 section 2.2.
      const headers = { 'accept-patch': `${jsonPatchType}, application/fhir+json, application/fhir+xml` };
      throw new FirekeepError(thrown.category, thrown.code, message, { headers });
    }
  }

  /** Criteria of a conditional interaction: the query, without what shapes the answer. Source: FHIR R4 http.html#cond-update. */
  get criteria(): string {
    return criteriaOf(this.queryString);
  }

  get ifNoneExist(): string | undefined {
    const header = this.request.headers['if-none-exist'];
    return Array.isArray(header) ? header.join('&') : header;
  }

  get readCondition(): ReadCondition {
    return readCondition(this.sentConditions);
  }

  get writePrecondition(): WritePrecondition {
    return writePrecondition(this.sentConditions);
  }

  private get sentConditions(): SentConditions {
    const { headers } = this.request;
    return {
      ifMatch: headers['if-match'],
      ifNoneMatch: headers['if-none-match'],
      ifModifiedSince: headers['if-modified-since'],
    };
  }

  private get queryString(): string {
    return queryOf(this.request.raw);
  }
}
