import type { CheckedVersion } from './check-rows.js';
import type { Finding } from './finding.js';
import { finding, type NamedVersion } from './version-findings.js';

/**
 * Follows the superseded versions of one resource, oldest first: they are numbered from 1 to below the current
 * one without gaps, and none is younger than the next.
 */
export class HistoryFindings {
  private next = 1;
  private time = 0;

  constructor(private readonly current: NamedVersion & Pick<CheckedVersion, 'repository' | 'type'>) {}

  add({ version, lastUpdated, repository, type }: CheckedVersion): Finding[] {
    const { current } = this;
    const findings: Finding[] = [];
    if (version >= current.version) {
      findings.push(this.broken(`version ${version} is superseded, but ${current.version} is current`));
    } else if (version !== this.next) findings.push(this.gap(version));
    if (lastUpdated < this.time)
      findings.push(this.broken(`version ${version} is older than the one before`));
    if (repository !== current.repository || type !== current.type) {
      findings.push(this.broken(`version ${version} belongs to another repository or type`));
    }
    this.next = version + 1;
    this.time = lastUpdated;
    return findings;
  }

  finish(): Finding[] {
    const { current } = this;
    const findings: Finding[] = [];
    if (this.next < current.version) findings.push(this.gap(current.version));
    if (current.lastUpdated < this.time)
      findings.push(this.broken('the current version is older than the one before'));
    return findings;
  }

  private gap(found: number): Finding {
    const last = found - 1;
    const missing = this.next >= last ? `version ${this.next}` : `versions ${this.next} to ${last}`;
    return this.broken(`${missing} missing`);
  }

  private broken(detail: string): Finding {
    return finding(this.current, 'history-broken', detail);
  }
}
