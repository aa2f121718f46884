/** What keeps one request from holding up the others: steps, patterns that take linear time, pauses. */
export { LinearPattern } from './linear-pattern.js';
export { BudgetExceeded, StepBudget } from './step-budget.js';
export { Turns } from './turns.js';
