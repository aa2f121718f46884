export const oauth2OpenApiPaths = {};
