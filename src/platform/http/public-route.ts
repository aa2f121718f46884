import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** Metadata key of routes that anyone may call. */
export const PUBLIC_ROUTE = 'firekeep:public-route';

/** Declares that a route outside of FHIR and administration needs no credentials. The gate refuses what declares nothing. */
export const PublicRoute = (): CustomDecorator => SetMetadata(PUBLIC_ROUTE, true);
