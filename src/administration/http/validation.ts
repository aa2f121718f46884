import { ValidationPipe } from '@nestjs/common';
import { ValidateIf, type ValidationError } from 'class-validator';
import { FirekeepError, type ErrorIssue } from '../../platform/errors/index.js';

/** A member that may be absent; null is a value like any other, which the other rules judge. */
export const Optional = (): PropertyDecorator => ValidateIf((_object, value: unknown) => value !== undefined);

/** A member that may be absent or null. */
export const OptionalOrNull = (): PropertyDecorator =>
  ValidateIf((_object, value: unknown) => value !== undefined && value !== null);

/** The one pipe of the management API: unknown members are refused, and every field that is wrong is named. */
export const administrationValidation = new ValidationPipe({
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
  exceptionFactory: (errors) => {
    const issues = errors.flatMap((error) => issuesOf(error, ''));
    const detail = issues.map(({ expression, message }) => `${expression ?? ''}: ${message}`).join(' ');
    return new FirekeepError('invalid', 'ADMINISTRATION_INVALID', detail.slice(0, 2000), { issues });
  },
});

function issuesOf(
  { property, constraints = {}, children = [] }: ValidationError,
  path: string,
): ErrorIssue[] {
  const expression = path === '' ? property : `${path}.${property}`;
  return [
    ...Object.entries(constraints).map(([rule, message]) => ({
      expression,
      message:
        rule === 'whitelistValidation' ? 'Is not a member of this object.' : sentence(message, property),
    })),
    ...children.flatMap((child) => issuesOf(child, expression)),
  ];
}

/** `each value in roles must be …` becomes `Each value must be …`. */
function sentence(message: string, property: string): string {
  const rest = message.replace(`${property} `, '').replace(`each value in `, 'each value ');
  return `${rest.charAt(0).toUpperCase()}${rest.slice(1)}${rest.endsWith('.') ? '' : '.'}`;
}
