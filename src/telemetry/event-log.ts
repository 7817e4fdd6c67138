import type { ClusterId, Ejection, HostId, ProxyId } from './recorder.ts';

export interface LoggedEjection extends Ejection {
  readonly atNs: number;
  /** When a sweep took it back; undefined = still out at the end. */
  backNs: number | undefined;
}

export interface LoggedPush {
  readonly proxy: ProxyId;
  readonly change: string;
  readonly atNs: number;
}

export interface LoggedNote {
  readonly text: string;
  readonly atNs: number;
}

/** The few things of a run that are worth a line each, in order of time. */
export class EventLog {
  readonly ejections: LoggedEjection[] = [];
  readonly pushes: LoggedPush[] = [];
  readonly notes: LoggedNote[] = [];
  /** Ejections that have not ended, by proxy, cluster and host. */
  readonly #open = new Map<string, LoggedEjection>();

  ejected(ejection: Ejection, nowNs: number): void {
    const { proxy, cluster, host, detector, count } = ejection;
    const logged = { proxy, cluster, host, detector, count, atNs: nowNs, backNs: undefined };
    this.ejections.push(logged);
    this.#open.set(`${proxy} ${cluster} ${host}`, logged);
  }

  unejected(proxy: ProxyId, cluster: ClusterId, host: HostId, nowNs: number): void {
    const key = `${proxy} ${cluster} ${host}`;
    const logged = this.#open.get(key);
    if (logged !== undefined) logged.backNs = nowNs;
    this.#open.delete(key);
  }

  pushed(proxy: ProxyId, change: string, nowNs: number): void {
    this.pushes.push({ proxy, change, atNs: nowNs });
  }

  note(text: string, nowNs: number): void {
    this.notes.push({ text, atNs: nowNs });
  }
}
