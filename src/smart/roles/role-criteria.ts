import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CriteriaReader } from '../../fhir/index.js';
import { RolesService, type RoleRule } from '../../users/index.js';

/** Has types and criteria of rules read by the FHIR repository before they are stored. */
@Injectable()
export class RoleCriteria implements OnModuleInit {
  constructor(
    private readonly roles: RolesService,
    // The repository is made with the policy that reads the roles.
    private readonly modules: ModuleRef,
  ) {}

  onModuleInit(): void {
    const reader = this.modules.get(CriteriaReader, { strict: false });
    this.roles.readRulesBy((rule) => problemsOf(rule, reader));
  }
}

function problemsOf(
  { types, criteria }: RoleRule,
  reader: CriteriaReader,
): { readonly path: string; readonly message: string }[] {
  return types.flatMap((type, index) => {
    if (type !== '*' && !reader.knows(type)) {
      return [{ path: `types[${index}]`, message: `${type} is no resource type of FHIR R4.` }];
    }
    const problem = criteria === undefined ? undefined : reader.problemOf(type, criteria);
    return problem === undefined ? [] : [{ path: 'criteria', message: `For ${type}: ${problem}` }];
  });
}
