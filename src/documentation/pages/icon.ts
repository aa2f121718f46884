/** A flame, as SVG; it carries no style, so that it fits any policy. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path fill="#d9480f" d="M17 1c1 6-8 9-8 18 0 6 3 11 7 12-3-3-3-7 0-11 3 4 3 8 0 11 5-1 9-5 9-11 0-4-2-7-4-9 0 2-1 4-2 5 0-6-1-11-2-15z"/>
<path fill="#ffa94d" d="M16 31c-3-3-3-7 0-11 3 4 3 8 0 11z"/>
</svg>
`;
