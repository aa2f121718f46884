/** Where a call goes, as its address says. */
export interface OperationTarget {
  readonly name: string;
  readonly type?: string;
  readonly id?: string;
}
