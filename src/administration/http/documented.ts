import { applyDecorators, Controller, UseInterceptors, UsePipes, type Type } from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiBearerAuth,
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOAuth2,
  ApiOperation,
  ApiProduces,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { AdministrationInterceptor } from './administration.interceptor.js';
import { Problem } from './problem.dto.js';
import { administrationValidation } from './validation.js';

const meanings = {
  400: 'A field is wrong; `errors` says which and why.',
  401: 'No valid credentials.',
  403: 'The credentials are valid, but not an administrator’s.',
  404: 'There is no such thing.',
  409: 'It conflicts with something else; `detail` says with what.',
  412: 'It was changed meanwhile: If-Match is not its ETag any more.',
  415: 'The body is not application/json.',
  422: 'Another server could not be asked, or rules can’t be used; `code` names what failed, `detail` what to do.',
  428: 'If-Match is missing.',
  429: 'Too many attempts.',
} as const;

type ErrorStatus = keyof typeof meanings;

const etagHeader = {
  ETag: { description: 'Version, for If-Match.', schema: { type: 'string' as const, example: 'W/"3"' } },
};
const locationHeader = {
  Location: { description: 'Its own address.', schema: { type: 'string' as const } },
};

/** A controller of the management API: its address, its tag, and what all its routes have in common. */
export function AdministrationController(path: string, tag: string): ClassDecorator {
  return applyDecorators(
    Controller(`admin/api/v1/${path}`),
    ApiTags(`Administration: ${tag}`),
    ApiBasicAuth('basic'),
    ApiBearerAuth('bearer'),
    ApiOAuth2(['admin'], 'administration'),
    ApiExtraModels(Problem),
    ApiProduces('application/json'),
    UsePipes(administrationValidation),
    UseInterceptors(AdministrationInterceptor),
  );
}

export interface Documented {
  readonly summary: string;
  readonly description?: string;
  readonly status?: 200 | 201 | 204;
  /** What the answer holds. */
  readonly answer?: Type;
  readonly body?: Type;
  /** Whether it changes something that has a version. */
  readonly ifMatch?: boolean;
  readonly etag?: boolean;
  /** False: what was made has no address of its own. */
  readonly location?: boolean;
  /** Beside 401 and 403. */
  readonly errors?: readonly ErrorStatus[];
}

/** Summary, body, answers and errors of one route. */
export function Documented(route: Documented): MethodDecorator {
  const status = route.status ?? 200;
  const errors: readonly ErrorStatus[] = [
    401,
    403,
    ...(route.body === undefined ? [] : ([400, 415] as const)),
    ...(route.ifMatch === true ? ([404, 412, 428] as const) : []),
    ...(route.errors ?? []),
  ];
  return applyDecorators(
    ApiOperation({
      summary: route.summary,
      ...(route.description === undefined ? {} : { description: route.description }),
    }),
    ...(route.body === undefined ? [] : [ApiBody({ type: route.body, required: true })]),
    ...(route.ifMatch === true
      ? [
          ApiHeader({
            name: 'If-Match',
            required: true,
            description: 'ETag of what was read; `*` overwrites whatever is there.',
            schema: { type: 'string', example: 'W/"3"' },
          }),
        ]
      : []),
    ApiResponse({
      status,
      description: status === 204 ? 'Done.' : status === 201 ? 'Made.' : 'As asked for.',
      ...(route.answer === undefined ? {} : { type: route.answer }),
      headers: {
        ...(route.etag === true ? etagHeader : {}),
        ...(status === 201 && route.location !== false ? locationHeader : {}),
      },
    }),
    ...[...new Set(errors)].map((error) =>
      ApiResponse({
        status: error,
        description: meanings[error],
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
      }),
    ),
  );
}
