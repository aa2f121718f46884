/** Members whose text is for people alone. */
const textMembers = new Set(['message', 'expected', 'actual', 'remedy', 'setting', 'detail', 'description']);
/** Functions that make errors and reasons, by the place of their first argument that is for people. */
const makers = new Map([
  ...[
    ['FirekeepError', 2],
    ['Error', 0],
    ['InvalidGrant', 0],
    ['InvalidRequest', 0],
    ['InvalidRequestUri', 0],
    ['InvalidTarget', 0],
    ['InvalidScope', 0],
    ['AccessDenied', 0],
  ],
  ...[
    ['problem', 0],
    ['deny', 1],
    ['refusal', 2],
    ['refused', 0],
    ['wrongPlan', 0],
    ['versionConflict', 0],
    ['wrongShape', 0],
    ['invalidPath', 1],
    ['invalidValue', 2],
    ['tooComplex', 0],
    ['unsupportedParameter', 1],
    ['unsupportedModifier', 1],
  ],
]);

function isForPeople({ node, parent, key, listKey }) {
  if (node.type !== 'StringLiteral' && node.type !== 'TemplateLiteral') return false;
  if (listKey === 'arguments') {
    const { callee } = parent;
    const name = callee.type === 'MemberExpression' ? callee.property.name : callee.name;
    return key >= (makers.get(name) ?? Number.POSITIVE_INFINITY);
  }
  return parent?.type === 'ObjectProperty' && key === 'value' && textMembers.has(parent.key.name);
}

const ignorer = {
  shouldIgnore(path) {
    if (path.node.type === 'Decorator') return 'the application does not start with another decorator';
    const choice = path.parent?.type === 'ConditionalExpression' && path.key !== 'test';
    if (isForPeople(path) || (choice && isForPeople({ ...context(path.parentPath), node: path.node }))) {
      return 'a text for people';
    }
    return undefined;
  },
};

const context = ({ parent, key, listKey }) => ({ parent, key, listKey });

/** In the form of https://stryker-mutator.io/docs/stryker-js/disable-mutants/#using-an-ignore-plugin */
export const strykerPlugins = [{ kind: 'Ignore', name: 'message-texts', value: ignorer }];
